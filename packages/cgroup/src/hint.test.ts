import { describe, expect, test } from 'vitest'
import { hintOf } from './hint.ts'

const of = (files: Record<string, string>) => (file: string) => files[file]

describe('hintOf', () => {
  test.each<[string, string, 1 | 2, string, Record<string, string>, string | undefined]>([
    ['EBUSY', 'memory.limit_in_bytes', 1, '1048576', { 'memory.usage_in_bytes': '3145728\n', 'memory.max_usage_in_bytes': '4194304\n' }, 'usage is 3.0 MiB (peak 4.0 MiB) and could not be reclaimed below 1.0 MiB'],
    ['EINVAL', 'memory.limit_in_bytes', 1, '9', { 'memory.memsw.limit_in_bytes': '2048\n' }, 'memory and swap together are limited to 2.0 KiB'],
    ['ENOENT', 'memory.memsw.limit_in_bytes', 1, '9', { 'memory.limit_in_bytes': '1\n' }, 'swap is not accounted on this kernel (swapaccount=0, or no CONFIG_SWAP)'],
    ['ENOENT', 'pids.max', 2, '9', { 'cgroup.controllers': 'cpu\n', '../cgroup.subtree_control': 'cpu\n' }, "the controller is not enabled here (enabled: cpu); the parent's cgroup.subtree_control has: cpu"],
    ['ENOENT', 'memory.peak', 2, '9', { 'cgroup.controllers': 'cpu memory\n' }, 'this kernel is too old for the file, or was built without what it is for'],
    ['ENOENT', 'io.weight', 2, 'default 9', { 'cgroup.controllers': 'io\n' }, 'weights need blk-iocost (CONFIG_BLK_CGROUP_IOCOST) or the BFQ scheduler, and this kernel has neither'],
    ['ENOENT', 'io.weight', 2, 'default 9', { 'cgroup.controllers': 'cpu\n' }, "the controller is not enabled here (enabled: cpu); the parent's cgroup.subtree_control has: none"],
    ['ENOENT', 'hugetlb.3MB.max', 2, '9', { 'cgroup.controllers': 'hugetlb\n' }, 'this machine has no huge pages of that size (/sys/kernel/mm/hugepages)'],
    ['ENOENT', 'hugetlb.3MB.limit_in_bytes', 1, '9', { 'cgroup.procs': '' }, 'this machine has no huge pages of that size (/sys/kernel/mm/hugepages)'],
    ['ENOENT', 'blkio.bfq.weight', 1, '9', { 'cgroup.procs': '' }, "weights are the BFQ scheduler's, which is not loaded (modprobe bfq)"],
    ['ENOENT', 'cpu.rt_runtime_us', 1, '9', { 'cpu.shares': '1024\n' }, 'this kernel has no real-time budgets of groups (CONFIG_RT_GROUP_SCHED)'],
    ['EINVAL', 'cpu.rt_runtime_us', 1, '9', { '../cpu.rt_runtime_us': '0\n', '../cpu.rt_period_us': '1000000\n' }, "all groups at one level share their parent's budget of real-time µs: 0 in 1000000 µs"],
    ['ENODEV', 'io.max', 2, '8:1 rbps=5', {}, '8:1 is no whole disk of this machine: limits of partitions do not exist (lsblk -d)'],
    ['ENODEV', 'rdma.max', 2, 'mlx5_0 hca_handle=5', {}, 'there is no RDMA device mlx5_0 (/sys/class/infiniband)'],
    ['ENODEV', 'net_prio.ifpriomap', 1, 'eth7 5', {}, 'there is no network interface eth7 in this network namespace'],
    ['ENODEV', 'pids.max', 2, '5', {}, 'the group was removed meanwhile'],
    ['EINVAL', 'misc.max', 2, 'sev 5', {}, 'the kernel does not count sev on this machine (misc.capacity of the root group)'],
    ['ENOENT', 'pids.max', 2, '9', {}, 'the group does not exist in this hierarchy'],
    ['ENOENT', 'cgroup.kill', 2, '1', { 'cgroup.procs': '' }, 'this kernel is older than Linux 5.14'],
    ['EINVAL', 'cpu.cfs_quota_us', 1, '9', { '../cpu.cfs_quota_us': '1000\n', '../cpu.cfs_period_us': '100000\n' }, "the share of a CPU may not exceed the parent's: quota 1000 µs in 100000 µs"],
    ['EINVAL', 'cpu.cfs_quota_us', 1, '9', { '../cpu.cfs_quota_us': '-1\n' }, undefined],
    ['EACCES', 'cpuset.cpus', 1, '9', { '../cpuset.cpus': '0-1\n', '../cpuset.mems': '0\n' }, "it must be within the parent's 0-1 CPUs and memory nodes 0"],
    ['ENOSPC', 'tasks', 1, '0', { 'cpuset.cpus': '\n', 'cpuset.mems': '0\n' }, 'cpuset.cpus or cpuset.mems is empty: no process can live here until both are set'],
    ['EBUSY', 'cgroup.subtree_control', 2, '+memory', { 'cgroup.procs': '1\n2\n3\n4\n5\n6\n7\n' }, 'processes live in leaves only: the group has member processes 1, 2, 3, 4, 5 and 2 more'],
    ['EBUSY', 'cgroup.procs', 2, '5', { 'cgroup.subtree_control': 'memory pids\n' }, 'processes live in leaves only: this group gives its children memory pids'],
    ['EOPNOTSUPP', 'cgroup.procs', 2, '5', { 'cgroup.type': 'domain invalid\n' }, 'the group is domain invalid: a group beside it or above it is threaded, so it must be made threaded too (cgroup.type)'],
    ['EOPNOTSUPP', 'cgroup.subtree_control', 2, '+memory', { 'cgroup.type': 'domain threaded\n' }, 'the group is domain threaded'],
    ['EOPNOTSUPP', 'cgroup.threads', 2, '5', { 'cgroup.type': 'domain\n' }, 'the group is domain: a thread by itself can only be in a threaded group'],
    ['EOPNOTSUPP', 'cgroup.threads', 2, '5', { 'cgroup.type': 'threaded\n' }, 'the process lives outside of the threaded subtree: join its domain first'],
    ['EOPNOTSUPP', 'cgroup.type', 2, 'threaded', { '../cgroup.subtree_control': 'memory pids\n' }, 'a group that gives its children more than threads can share cannot be above threads: the parent gives memory pids'],
    ['EINVAL', 'devices.deny', 1, 'a', {}, 'the group has children: only without any can all devices be allowed or refused'],
    ['EPERM', 'devices.allow', 1, 'c 1:3 rwm', { '../devices.list': 'c 1:5 r\n' }, 'the parent does not allow c 1:3 rwm, or this needs root'],
    ['EACCES', 'pids.max', 2, '5', {}, 'needs root, or a subtree that was delegated to this user'],
    ['EIO', 'pids.max', 2, '5', {}, undefined],
  ])('%s %s on v%i = %s', (code, file, version, value, files, hint) => {
    expect(hintOf(code, file, version, value, of(files))).toBe(hint)
  })
})
