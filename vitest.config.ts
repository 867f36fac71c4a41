import { defineConfig } from 'vitest/config'

// The workspace's packages are read from src, never from a stale dist.
const ssr = { resolve: { conditions: ['@ctr/source', 'module', 'node', 'development|production'] } }
const places = ['{packages,apps}/*/src', '{packages,apps}/*/test']
const exclude = ['**/node_modules/**']

// One file at a time: these tests count the machine's mounts, cgroups and processes. In the guest, whose processor is
// emulated, everything takes ten times as long, so one worker serves all files there.
const guest = process.env.CTR_GUEST !== undefined
// dash starts its commands with vfork, which Linux 6.1 refuses (EINVAL) to who has unshared the time namespace (kernel/fork.c).
const ofNewerKernels = ['packages/ns/src/time-offsets.kernel.test.ts']
const timeout = guest ? 120_000 : 30_000
// CI gives a test a second attempt, and lists the tests that needed it (.ci/retried.mjs).
const retry = guest || process.env.CI ? 1 : 0
// What is waited for is there in milliseconds, and on a machine that has other work too in seconds.
const poll = { timeout: guest ? 60_000 : 20_000, interval: 20 }
const oneByOne = { fileParallelism: false, pool: 'forks', isolate: !guest, testTimeout: timeout, hookTimeout: timeout, retry, expect: { poll } } as const

export default defineConfig({
  test: {
    // What is made of a source is kept below node_modules, for whoever comes next: three versions of Node, and the guest.
    experimental: { fsModuleCache: true },
    projects: [
      {
        ssr,
        test: {
          name: 'unit',
          include: [...places.map((place) => `${place}/**/*.test.ts`), 'scripts/**/*.test.mjs'],
          exclude: [...exclude, '**/*.kernel.test.ts'],
          // Some start Node, on a machine that has other work too.
          testTimeout: 30_000,
          // A worker for all files takes half the time of one for each. These tests change nothing that another one sees.
          isolate: false,
        },
      },
      {
        ssr,
        test: {
          name: 'kernel',
          include: places.map((place) => `${place}/**/*.kernel.test.ts`),
          exclude: guest ? [...exclude, ...ofNewerKernels] : exclude,
          ...oneByOne,
        },
      },
      {
        ssr,
        test: { name: 'conformance', include: ['conformance/**/*.test.ts'], exclude, ...oneByOne },
      },
    ],
  },
})
