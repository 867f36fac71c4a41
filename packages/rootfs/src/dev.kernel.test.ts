import { execFileSync } from 'node:child_process'
import { sys } from '@ctr/syscall'
import { expect, test } from 'vitest'
import { shell } from '../test/container.ts'
import { scratch } from '../test/scratch.ts'
import { bind, dev, directoryRoot, hostRoot, pivotRoot, privatePropagation, proc } from './index.ts'

const root = { fd: 'root' }

test('everybody may use the devices, whatever the umask was', async () => {
  const { root: at } = scratch()
  const program = [sys.umask(0o077, 'an odd caller'), ...privatePropagation(), ...hostRoot({ at, as: 'root' }), ...proc({ root }), ...dev({ root }), ...pivotRoot({ root })]
  const { text } = await shell(program, `cd /dev; stat -c '%n %A %t:%T' null zero full random urandom tty; stat -Lc '%n %a' . pts shm mqueue; readlink fd stdin stdout stderr ptmx; umask
    echo x > null && head -c 3 zero | od -An -c; head -c 1 zero | tee full 2>&1 | tr -d '\\0' | grep -ao 'No space left.*'; head -c 1 urandom | wc -c`)
  expect(text.replace(/ +/g, ' ')).toBe(`null crw-rw-rw- 1:3
zero crw-rw-rw- 1:5
full crw-rw-rw- 1:7
random crw-rw-rw- 1:8
urandom crw-rw-rw- 1:9
tty crw-rw-rw- 5:0
. 755
pts 755
shm 1777
mqueue 1777
/proc/self/fd
/proc/self/fd/0
/proc/self/fd/1
/proc/self/fd/2
pts/ptmx
0022
 \\0 \\0 \\0
No space left on device
1
`)
})

test('terminals are the container\'s own, of the group tty', async () => {
  const { root: at } = scratch()
  const program = [...privatePropagation(), ...hostRoot({ at, as: 'root' }), ...proc({ root }), ...dev({ root }), ...pivotRoot({ root })]
  const { text } = await shell(program, `script -qec "tty; stat -c '%g %a' /dev/pts/0" /dev/null < /dev/null; ls /dev/pts`)
  expect(text.replaceAll('\r', '')).toBe('/dev/pts/0\n5 620\nptmx\n')
})

test('in a user namespace the devices are the host\'s', async () => {
  const { root: directory } = scratch()
  const ids = [[0, 0, 65536]] as const
  const program = [
    ...privatePropagation(), ...directoryRoot({ source: directory, as: 'root' }), ...proc({ root }),
    ...['bin', 'lib', 'lib64', 'usr'].flatMap((name) => bind({ source: `/${name}`, root, path: `/${name}`, kind: 'directory', create: true })),
    ...dev({ root, nodes: 'bind' }), ...pivotRoot({ root }),
  ]
  const options = { namespaces: ['CLONE_NEWUSER', 'CLONE_NEWNS', 'CLONE_NEWPID', 'CLONE_NEWIPC'], idMaps: { uid: ids, gid: ids } } as const
  const { text } = await shell(program, `cd /dev; stat -c '%n %t:%T' null tty; echo x > null && echo fine; head -c 1 random | wc -c`, options)
  expect(text).toBe('null 1:3\ntty 5:0\nfine\n1\n')
  await expect(shell([...program.slice(0, -5), ...dev({ root })], 'true', options)).rejects.toMatchObject({ code: 'EPERM', syscall: 'mknodat' })
  const few = [[0, 0, 1]] as const
  await expect(shell([...program.slice(0, -5)], 'true', { ...options, idMaps: { uid: few, gid: few } })).rejects.toMatchObject({ code: 'EINVAL', syscall: 'mount' })
  const unowned = [...program.slice(0, program.findIndex((call) => call.name === 'mkdirat' && call.args[1] === 'dev')), ...dev({ root, nodes: 'bind', ttyGroup: null }), ...pivotRoot({ root })]
  expect((await shell(unowned, 'ls /dev/pts', { ...options, idMaps: { uid: few, gid: few } })).text).toBe('ptmx\n')
})

test('the console is the terminal that is open, not what a path leads to', async () => {
  const { root: at } = scratch()
  const program = [
    ...privatePropagation(), ...hostRoot({ at, as: 'root' }), ...proc({ root }), ...dev({ root, as: 'dev' }),
    sys.openat({ fd: 'dev' }, 'pts/ptmx', ['O_RDWR', 'O_NOCTTY', 'O_CLOEXEC'], 0, { as: 'master', why: 'a terminal' }),
    sys.ioctl({ fd: 'master' }, 'TIOCSPTLCK', 0, 'unlock it'),
    sys.ioctl({ fd: 'master' }, 'TIOCGPTPEER', ['O_RDWR', 'O_NOCTTY', 'O_CLOEXEC'], { as: 'terminal', why: 'its other end' }),
    ...dev({ root, console: { fd: 'terminal' } }).filter((call) => call.why.includes('console') || call.as === 'console' || JSON.stringify(call.args).includes('"console"') || call.why === 'a device can only be mounted on a file'),
    ...pivotRoot({ root }),
  ]
  const { text } = await shell(program, `stat -c '%t' /dev/console; grep -c ' /dev/console ' /proc/self/mountinfo`)
  expect(text).toBe('88\n1\n')
})

test('message queues and shared memory work', async () => {
  const { root: at } = scratch()
  const python = `python3 -c "
import mmap, os
from multiprocessing import shared_memory
s = shared_memory.SharedMemory(create=True, size=8); s.buf[0] = 7; print(s.buf[0], os.listdir('/dev/shm') != []); s.close(); s.unlink()"`
  const program = [...privatePropagation(), ...hostRoot({ at, as: 'root' }), ...proc({ root }), ...dev({ root, shmBytes: 1 << 20 }), ...pivotRoot({ root })]
  const { text } = await shell(program, `${python}; df -k --output=size /dev/shm | tail -1; touch /dev/mqueue/q && ls /dev/mqueue`)
  expect(text.replace(/ +/g, ' ').trim().split('\n').map((line) => line.trim())).toEqual(['7 True', '1024', 'q'])
  expect(execFileSync('ls', ['/dev/shm'], { encoding: 'utf8' })).not.toContain('psm_')
})
