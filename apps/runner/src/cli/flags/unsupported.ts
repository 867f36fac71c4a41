const listed = 'see support.md for what is missing'

/** Flags of `docker run`, `exec` and `ps` that are not here, and what to use. */
const instead: Readonly<Record<string, string>> = {
  '--privileged': 'name what is needed: --cap-add ALL, -v for devices',
  '--detach': 'put & behind the command; ctrun stays its parent', '-d': 'put & behind the command; ctrun stays its parent',
  '--publish': 'ports are not published yet: --network host shares them', '-p': 'ports are not published yet: --network host shares them',
  '--publish-all': 'ports are not published yet: --network host shares them', '-P': 'ports are not published yet: --network host shares them',
  '--expose': 'ports are not published yet: --network host shares them',
  '--restart': 'let a service manager restart ctrun: it exits as the command did',
  '--device': 'bind it with -v; device rules are not set', '--gpus': 'bind the devices with -v',
  '--detach-keys': 'there is no detaching: the container ends with its terminal',
  '--userns': `user namespaces are not used yet: ${listed}`,
  '--sysctl': `sysctls are not set: ${listed}`,
  '--dns': '-v FILE:/etc/resolv.conf:ro does it', '--dns-search': '-v FILE:/etc/resolv.conf:ro does it', '--dns-option': '-v FILE:/etc/resolv.conf:ro does it',
  '--add-host': '-v FILE:/etc/hosts:ro does it',
  '--link': 'containers have no network with each other yet',
  '--shm-size': '--tmpfs /dev/shm:size=64m does it',
  '--label': `labels are not kept: ${listed}`, '-l': `labels are not kept: ${listed}`, '--label-file': `labels are not kept: ${listed}`,
  '--pull': 'IMAGE is a directory: nothing is pulled', '--platform': 'IMAGE is a directory: nothing is chosen',
  '--log-driver': 'redirect the output of ctrun', '--log-opt': 'redirect the output of ctrun',
  '--health-cmd': `health checks are not made: ${listed}`, '--no-healthcheck': 'there are no health checks',
  '--oom-kill-disable': 'set a higher --memory', '--oom-score-adj': `it is always 0: ${listed}`,
  '--memory-reservation': `only --memory and --memory-swap: ${listed}`, '--kernel-memory': 'kernel memory is part of --memory', '--memory-swappiness': `only --memory and --memory-swap: ${listed}`,
  '--cpu-quota': '--cpus 0.5 is a quota of half a CPU', '--cpu-period': '--cpus 0.5 is a quota of half a CPU', '-c': '--cpu-shares is its long name', '--cpuset-mems': `only --cpuset-cpus: ${listed}`,
  '--blkio-weight': `I/O is not limited: ${listed}`, '--device-read-bps': `I/O is not limited: ${listed}`, '--device-write-bps': `I/O is not limited: ${listed}`,
  '--group-add': '-u USER takes the groups of USER from the image',
  '--domainname': '--hostname takes a full name', '--mac-address': 'there is only lo', '--ip': 'there is only lo', '--ip6': 'there is only lo',
  '--volumes-from': 'repeat -v', '--volume-driver': '-v takes directories and files',
  '--cidfile': '--name chooses the name', '--cgroup-parent': 'groups are below /ctrun', '--cgroupns': 'it is always private', '--isolation': 'only for Windows', '--runtime': 'ctrun is the runtime',
  '--attach': 'redirect what is not wanted', '-a': 'redirect what is not wanted', '--sig-proxy': 'signals are always forwarded', '--quiet': 'ctrun run says nothing while it works', '-q': 'ctrun run says nothing while it works',
  '--format': 'use --json, and a program that reads it', '--filter': 'use --json, and a program that reads it', '-f': 'use --json, and a program that reads it', '--last': 'use --json, and a program that reads it', '-n': 'use --json, and a program that reads it', '--size': 'sizes are not counted', '-s': 'sizes are not counted',
}

/** What to use instead of a flag that Docker has and we do not; undefined for what is no flag of Docker either. */
export function unsupported(spelled: string): string | undefined {
  return Object.hasOwn(instead, spelled) ? instead[spelled] : undefined
}
