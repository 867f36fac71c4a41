import type { Machine } from '@ctr/syscall'
import { nativeArchitecture } from './architecture.ts'
import type { Profile, Rule } from './profile.ts'

/** When a rule of Docker's form counts: any of `excludes` is enough to leave it out, all of `includes` have to be there. */
export interface RuleFilter {
  readonly caps?: readonly string[] | null
  /** As Go calls them: `amd64`, `arm64`. */
  readonly arches?: readonly string[] | null
  /** `4.8`. */
  readonly minKernel?: string | null
}

export interface MobyRule extends Partial<Pick<Rule, 'names'>>, Omit<Rule, 'names'> {
  /** The older form of `names`. */
  readonly name?: string
  readonly comment?: string
  readonly includes?: RuleFilter | null
  readonly excludes?: RuleFilter | null
}

/** A profile as Docker, Podman and containerd keep it: one for all containers, architectures and kernels. */
export interface MobyProfile extends Omit<Profile, 'syscalls'> {
  readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] | null }[] | null
  readonly syscalls?: readonly MobyRule[] | null
}

/** The container and the machine that the profile is for. */
export interface MobyFacts {
  /** The bounding set. */
  readonly capabilities: readonly string[]
  readonly machine: Machine
  /** The release, as uname(2) has it: `6.1.0-18-amd64`. */
  readonly kernel: string
}

/**
 * The OCI profile that a profile of Docker's form comes to for one container: rules that do not count are left out, architectures are those of the machine.
 *
 * @throws TypeError the profile has both of two forms of one member, or a version that is none
 * @see moby/profiles, seccomp/seccomp_linux.go
 * @example
 * ```ts no-run
 * reduceMoby(JSON.parse(readFileSync('default.json', 'utf8')), { capabilities: ['CAP_CHOWN'], machine: 'x64', kernel: '6.1' })
 * ```
 */
export function reduceMoby(profile: MobyProfile, facts: MobyFacts): Profile {
  const { archMap, syscalls, ...common } = profile
  if (archMap && profile.architectures && profile.architectures.length > 0) throw new TypeError('Cannot use a profile with both architectures and archMap')
  const mapped = archMap?.find(({ architecture }) => architecture === nativeArchitecture[facts.machine].name)
  const architectures = archMap ? (mapped ? [mapped.architecture, ...(mapped.subArchitectures ?? [])] : []) : profile.architectures
  return { ...common, ...(architectures ? { architectures } : {}), syscalls: (syscalls ?? []).filter((rule) => counts(rule, facts)).map(ociRule) }
}

function ociRule({ name, names = [], action, errnoRet, args }: MobyRule): Rule {
  if (name && names.length > 0) throw new TypeError(`Cannot use a rule with both name ${JSON.stringify(name)} and names`)
  return { names: name ? [name] : names, action, ...(typeof errnoRet === 'number' ? { errnoRet } : {}), ...(args && args.length > 0 ? { args } : {}) }
}

function counts({ includes, excludes }: MobyRule, { capabilities, machine, kernel }: MobyFacts): boolean {
  const has = (name: string) => capabilities.includes(name)
  const { go } = nativeArchitecture[machine]
  if (excludes?.arches?.includes(go) || excludes?.caps?.some(has) || (excludes?.minKernel && reaches(kernel, excludes.minKernel))) return false
  return (!includes?.arches?.length || includes.arches.includes(go)) && (includes?.caps ?? []).every(has) && (!includes?.minKernel || reaches(kernel, includes.minKernel))
}

/** The release is at least the version; what stands behind the first two numbers of either does not count. */
function reaches(release: string, version: string): boolean {
  const [major, minor] = twoNumbers(release)
  const [leastMajor, leastMinor] = twoNumbers(version)
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}

function twoNumbers(version: string): readonly [number, number] {
  const found = /^(\d+)\.(\d+)/.exec(version)
  if (found === null) throw new TypeError(`${JSON.stringify(version)} is not a kernel version`)
  return [Number(found[1]), Number(found[2])]
}
