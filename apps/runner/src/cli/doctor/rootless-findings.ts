import type { DoctorFacts } from './facts.ts'
import { finding, type Finding } from './finding.ts'

/** Switches of /proc/sys, the value that forbids user namespaces, whom it forbids them, and who has the file. */
const switches = [
  ['user/max_user_namespaces', '0', 'everybody', 10_000], ['kernel/unprivileged_userns_clone', '0', 'who is not root', 1], ['kernel/apparmor_restrict_unprivileged_userns', '1', 'who is not root', 0],
] as const

/** Containers in a user namespace, and containers of who is not root. */
export function rootlessFindings(facts: DoctorFacts): Finding[] {
  return [privilege(facts), userNamespaces(facts), subordinate(facts)]
}

function privilege({ uid, user, privileged, inUserNamespace }: DoctorFacts): Finding {
  const name = user === undefined ? `user ${uid}` : `${user} (${uid})`
  if (privileged && !inUserNamespace) return finding('privilege', 'yes', `${name}, with CAP_SYS_ADMIN: all of ctrun and ctrun-oci`)
  if (privileged) return finding('privilege', 'partly', `${name} of a user namespace: devices are those of the host, and limits need a group that was lent`)
  return finding('privilege', 'partly', `${name}: ctrun needs root; ctrun-oci makes containers in user namespaces (ctrun-oci spec --rootless)`, { fix: 'sudo' })
}

function userNamespaces({ namespaces, sysctls, privileged }: DoctorFacts): Finding {
  if (!namespaces.includes('user')) return finding('user namespaces', 'no', 'this kernel has none', { fix: 'a kernel with CONFIG_USER_NS' })
  const off = switches.filter(([file, value]) => sysctls[file] === value)
  const [first] = off
  if (!first) return finding('user namespaces', 'yes', `at most ${sysctls['user/max_user_namespaces'] ?? 'any number'}`)
  const [file, value, whom, better] = first
  const all = off.some(([, , each]) => each === 'everybody')
  return finding('user namespaces', all || !privileged ? 'no' : 'partly', `${file.replaceAll('/', '.')} is ${value}: none for ${all ? 'everybody' : whom}`, { fix: `sysctl ${file.replaceAll('/', '.')}=${better}` })
}

function subordinate({ uid, user, subordinate: { uids, gids }, programs }: DoctorFacts): Finding {
  const missing = ['newuidmap', 'newgidmap'].filter((name) => !programs.includes(name))
  if (uid === 0) return finding('ID ranges', 'yes', 'root maps any ID')
  const range = `usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user ?? uid}`
  if (uids === 0 || gids === 0) return finding('ID ranges', 'partly', `one ID: ${uids === 0 ? '/etc/subuid' : '/etc/subgid'} has none for this user, so images with files of several users do not work`, { fix: range })
  if (missing.length > 0) return finding('ID ranges', 'partly', `one ID: ${uids} were given to this user, and ${missing.join(' and ')} would have to map them`, { fix: 'install uidmap (Debian), or shadow-utils' })
  return finding('ID ranges', 'yes', `${uids} users and ${gids} groups, by newuidmap and newgidmap`)
}
