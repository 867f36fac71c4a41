import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A root file system in a directory: nothing but links into /usr, which is to be mounted, and the names of two users. */
export function image(): { readonly directory: string; remove(): void } {
  const directory = mkdtempSync(join(tmpdir(), 'ctr-image-'))
  chmodSync(directory, 0o755)
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(directory, name))
  for (const name of ['usr', 'etc']) mkdirSync(join(directory, name))
  writeFileSync(join(directory, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n')
  writeFileSync(join(directory, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n')
  return { directory, remove: () => rmSync(directory, { recursive: true }) }
}
