import { procfs } from '@ctr/procfs'

/** Whether an errno says that we may not, rather than that it cannot be done. */
export const isRefusal = (code: string | undefined): boolean => code === 'EACCES' || code === 'EPERM'

/** Who we are, unless that is root of the machine: user 0 of a user namespace has nothing that is root's. */
export function notRoot(): { readonly text: string; readonly probe: string } | undefined {
  const uid = process.geteuid?.()
  if (uid !== 0) return { text: `you are uid ${uid}`, probe: 'geteuid' }
  const maps = procfs().self.uid_map()
  return maps.some(({ inside, outside }) => inside === 0 && outside === 0) ? undefined : { text: 'you are uid 0 of a user namespace only', probe: '/proc/self/uid_map' }
}
