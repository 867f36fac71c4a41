import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { numbers } from '@ctr/syscall'

/** RENAME_EXCHANGE of linux/fs.h, relative to AT_FDCWD. */
const source = 'my $n = shift; while (1) { for (my $i = 0; $i < @ARGV; $i += 2) { syscall($n, -100, $ARGV[$i], -100, $ARGV[$i + 1], 2) } }'

/** Another process exchanges the two of each pair of paths, as fast as it can, while something is done. */
export async function swapping<T>(pairs: readonly (readonly [string, string])[], body: () => Promise<T>): Promise<T> {
  const swapper = spawn('perl', ['-e', source, String(numbers.renameat2[process.arch === 'arm64' ? 1 : 0]), ...pairs.flat()])
  await once(swapper, 'spawn')
  try {
    return await body()
  } finally {
    const ended = once(swapper, 'exit')
    swapper.kill('SIGKILL')
    await ended
  }
}
