import { linuxShape, idMaps } from './linux-shape.ts'
import { processShape } from './process-shape.ts'
import { absolutePath, anyPath, boolean, integer, line, list, nullable, object, record, text, where, type Read } from './shape.ts'

const hook = object({ path: absolutePath }, { args: list(text), env: list(text), timeout: nullable(integer(1, 2 ** 31, 'a number of seconds, 1 or more')) })
export type OciHook = Read<typeof hook>

export const hookKinds = ['prestart', 'createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop'] as const
export type HookKind = (typeof hookKinds)[number]

const mount = object({ destination: anyPath }, { type: text, source: text, options: list(text), uidMappings: idMaps, gidMappings: idMaps })
export type OciMount = Read<typeof mount>

/** sethostname(2) takes 64 bytes (__NEW_UTS_LEN), and engines write names into lines of files. */
const utsName = where(line, (value) => Buffer.byteLength(value) <= 64, 'a name of at most 64 bytes')

/** Another major version is another format; a minor one only adds (OCI runtime-spec, Semantic Versioning). */
const version = where(text, (value) => /^[01]\.\d+(\.\d+)?([-+].+)?$/.test(value), 'version 1.x of the specification')

const hooks = list(hook)

/** @see OCI runtime-spec config.md */
export const configShape = object({ ociVersion: version }, {
  process: nullable(processShape),
  root: nullable(object({ path: anyPath }, { readonly: boolean })),
  hostname: utsName, domainname: utsName, mounts: list(mount),
  hooks: nullable(object({}, { prestart: hooks, createRuntime: hooks, createContainer: hooks, startContainer: hooks, poststart: hooks, poststop: hooks })),
  annotations: nullable(record(text)), linux: nullable(linuxShape),
})

export type OciConfig = Read<typeof configShape>
