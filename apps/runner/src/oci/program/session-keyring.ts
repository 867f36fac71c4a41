import { sys, type Program } from '@ctr/syscall'

/** A kernel without CONFIG_KEYS has no keys to keep from anybody. */
const none = { allow: ['ENOSYS'] } as const

/**
 * What a keyring that is joined has from the start, and that its owner may find it by its name: without that, `exec` would get another one.
 *
 * @see join_session_keyring in security/keys/process_keys.c; find_keyring_by_name in security/keys/keyring.c asks for search
 */
const permissions = ['KEY_POS_VIEW', 'KEY_POS_READ', 'KEY_POS_WRITE', 'KEY_POS_SEARCH', 'KEY_POS_LINK', 'KEY_POS_SETATTR', 'KEY_USR_VIEW', 'KEY_USR_READ', 'KEY_USR_SEARCH', 'KEY_USR_LINK'] as const

/**
 * Nobody can guess it who is not told: whoever knows the name could make the keyring first, or join it from another container of the same
 * user namespace. That is where it differs from runc's, which is `_ses.ID`.
 *
 * @param secret 128 bits of chance
 */
export const keyringName = (id: string, secret: string): string => `_ses.${id.slice(0, longest)}.${secret}`

/** KEY_MAX_DESC_SIZE is a page (security/keys/internal.h), and what /proc/keys shows of it is to stay readable. */
const longest = 200

/**
 * The process has a session keyring of this name, which is the container's: a new one, with nothing in it, or that of the container that it joins.
 *
 * In front of changes of the user, by which the owner of the keyring and whoever looks for it are the same: user 0 of the container.
 *
 * @throws EDQUOT (SyscallError) the user has as many keys as it may: what it has itself must not stay in the container's view
 * @see session-keyring(7), keyctl_join_session_keyring(3)
 */
export function sessionKeyring(name: string | undefined): Program {
  if (name === undefined) return []
  return [
    sys.keyctl('KEYCTL_JOIN_SESSION_KEYRING', name, { why: 'the keys of whoever started us are not for the container, whose processes share theirs', ...none }),
    sys.keyctl('KEYCTL_SETPERM', 'KEY_SPEC_SESSION_KEYRING', permissions, { why: 'what joins the container must find it by its name', ...none }),
  ]
}
