// In each cgroup hierarchy of the machine one group of ours, for what runs in a sandbox to take for its root.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'

/** Where the machine keeps its hierarchies. @returns {{ directory: string, type: string, options: string }[]} */
export function hierarchies() {
  return readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ').map((part) => part.split(' '))
    const [type, , options] = after
    if (type !== 'cgroup' && type !== 'cgroup2') return []
    return [{ directory: before[4], type, options: options.split(',').filter((word) => !/^(rw|ro|xattr|nsdelegate|memory_\w+|release_agent=.*|clone_children)$/.test(word)).join(',') }]
  })
}

export function makeGroup(directory, name) {
  const group = `${directory}/${name}`
  mkdirSync(group)
  // A group without processors and memory takes nobody in.
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (existsSync(`${group}/${file}`) && !existsSync(`${group}/cgroup.type`)) writeFileSync(`${group}/${file}`, readFileSync(`${directory}/${file}`))
  }
  return group
}

/** Ends what is left in a group of ours, and removes it with all below it. */
export async function removeGroup(group) {
  for (const entry of readdirSync(group, { withFileTypes: true })) if (entry.isDirectory()) await removeGroup(`${group}/${entry.name}`)
  for (let attempt = 0; ; attempt++) {
    for (const pid of readFileSync(`${group}/cgroup.procs`, 'utf8').split('\n').filter(Boolean)) {
      try {
        process.kill(Number(pid), 'SIGKILL')
      } catch (error) {
        if (error.code !== 'ESRCH') throw error
      }
    }
    try {
      return rmdirSync(group)
    } catch (error) {
      // The last process of a group leaves it a moment after it is gone.
      if (error.code !== 'EBUSY' || attempt > 500) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

/** Removes what runs that were killed have left, where nobody is in it any more. */
export function removeAbandoned() {
  const remove = (group) => {
    for (const entry of readdirSync(group, { withFileTypes: true })) if (entry.isDirectory()) remove(`${group}/${entry.name}`)
    rmdirSync(group)
  }
  for (const { directory } of hierarchies()) {
    for (const name of readdirSync(directory)) {
      const [, pid] = /^ctr-engines-(\d+)-\d+$/.exec(name) ?? []
      if (pid === undefined || existsSync(`/proc/${pid}`)) continue
      try {
        remove(`${directory}/${name}`)
      } catch (error) {
        // Another run removes it just now, or somebody is in it.
        if (error.code !== 'ENOENT' && error.code !== 'EBUSY') throw error
      }
    }
  }
}
