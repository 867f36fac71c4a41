// What happens to a program that wants more memory than its group may have?
// See Documentation/admin-guide/cgroup-v2.rst Memory. Needs root and the memory controller.
// Prints the calls and the limits, then how the program ended, and what the kernel has counted.
import { cgroups, create, deleteGroup, group, joinCalls, limitWrites, stat } from '@ctr/cgroup'
import { launch } from '@ctr/launch'
import { explain, sys } from '@ctr/syscall'

const mebibyte = 2 ** 20
const limits = { memoryBytes: 20 * mebibyte, memorySwapBytes: 20 * mebibyte } // memory and swap together: none of it may be swap
const layout = cgroups()
const small = create(group(layout, `/ctr-example-${process.pid}`, { controllers: ['memory'] }), { limits })
try {
  for (const { file, value } of limitWrites(layout, limits)) console.log(`${value} is written to ${file}`)
  // A line without an end: tail has to remember all of it.
  const program = [...joinCalls(small), sys.execve('/usr/bin/tail', ['tail', '/dev/zero'], [], 'a program that takes whatever it gets')]
  console.log(`${explain(program).join('\n')}\n`)

  const tail = await launch(program)
  const { signal, status, maxRssBytes } = await tail.exited
  const { memory } = stat(small)
  console.log(`It was ended by ${signal}, status ${status}: nobody asked it, and it could not prepare.`)
  console.log('It had most of the 20 MiB then, and never more:', maxRssBytes > 10 * mebibyte && memory!.peakBytes! <= limits.memoryBytes)
  console.log(`The out-of-memory killer came to this group ${memory?.oomKills} time.`)
  console.log('The machine has memory left, and we are still here.')
} finally {
  await deleteGroup(small)
}
