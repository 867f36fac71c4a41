// An image of one program, made without a registry: Debian's static busybox, under the name of each of its applets.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'

export const image = 'docker.io/library/ctr-busybox:latest'

const sha256 = (data) => createHash('sha256').update(data).digest('hex')

/** The files of the image, in a directory of their own. */
export function makeRoot(root) {
  for (const path of ['bin', 'etc', 'root', 'tmp', 'proc', 'sys', 'dev', 'home/user']) mkdirSync(`${root}/${path}`, { recursive: true })
  cpSync('/bin/busybox', `${root}/bin/busybox`)
  for (const applet of execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).split('\n').filter((name) => name !== '' && name !== 'busybox')) symlinkSync('busybox', `${root}/bin/${applet}`)
  writeFileSync(`${root}/etc/passwd`, 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n')
  writeFileSync(`${root}/etc/group`, 'root:x:0:\nuser:x:1000:\nextra:x:2000:user\n')
}

/** The archive that `docker save` would write, which every engine loads. @returns its path */
export function makeImage(directory, { name: tag = image, command = ['sh'] } = {}) {
  const root = `${directory}/rootfs`
  makeRoot(root)
  execFileSync('tar', ['--numeric-owner', '--owner=0', '--group=0', '--mtime=@0', '--sort=name', '-C', root, '-cf', `${directory}/layer.tar`, '.'])
  const config = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch, os: 'linux', created: '1970-01-01T00:00:00Z',
    config: { Env: ['PATH=/bin'], Cmd: command, WorkingDir: '/' },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(readFileSync(`${directory}/layer.tar`))}`] },
    history: [{ created: '1970-01-01T00:00:00Z' }],
  })
  const name = `${sha256(config)}.json`
  writeFileSync(`${directory}/${name}`, config)
  writeFileSync(`${directory}/manifest.json`, JSON.stringify([{ Config: name, RepoTags: [tag], Layers: ['layer.tar'] }]))
  execFileSync('tar', ['-C', directory, '-cf', `${directory}/image.tar`, 'manifest.json', name, 'layer.tar'])
  rmSync(root, { recursive: true })
  return `${directory}/image.tar`
}
