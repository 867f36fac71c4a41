import { join } from 'node:path'
import type { Json } from '../json/parse.ts'
import { readJson } from '../json/read-json.ts'
import { checkConfig } from './check-config.ts'
import { configShape, type OciConfig } from './config-shape.ts'
import { processShape, type OciProcess } from './process-shape.ts'
import { resourcesShape, type OciResources } from './resources-shape.ts'

/**
 * A configuration from its JSON.
 *
 * @throws ConfigError the first member that cannot be what it is, with its path
 */
export function parseConfig(json: Json): OciConfig {
  const config = configShape(json, '')
  checkConfig(config)
  return config
}

/** The `config.json` of a bundle. @throws as `readJson` and `parseConfig` */
export const readConfig = (bundle: string): OciConfig => parseConfig(readJson(join(bundle, 'config.json')))

/** The process that `exec` is to run. */
export const readProcess = (path: string): OciProcess => processShape(readJson(path), '')

/** What `update` is to change; `-` for standard input. */
export const readResources = (path: string): OciResources => resourcesShape(readJson(path), '')
