import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './setup.mjs'

const folders = ['.', 'examples', 'decisions', ...['packages', 'apps'].flatMap((parent) => readdirSync(`${root}/${parent}`).map((name) => `${parent}/${name}`))]
const documents = folders.flatMap((folder) => (existsSync(`${root}/${folder}`) ? readdirSync(`${root}/${folder}`).filter((name) => name.endsWith('.md')).map((name) => join(folder, name)) : []))

/** A heading as the name that a link means it by. */
const anchor = (heading) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').trim().replaceAll(' ', '-')
const headings = (path) => [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchor(heading))

function broken(document) {
  const links = [...readFileSync(`${root}/${document}`, 'utf8').matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link]) => link)
  return links.filter((link) => {
    const [path, name] = link.split('#')
    const target = path === '' ? `${root}/${document}` : join(root, dirname(document), path)
    if (!existsSync(target)) return true
    return name !== undefined && !headings(target.endsWith('.md') ? target : `${target}/README.md`).includes(name)
  })
}

it.each(documents)('%s links to what is there', (document) => expect(broken(document)).toEqual([]))
