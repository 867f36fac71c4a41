import { sys, type Program } from '@ctr/syscall'
import { pathOf, type Group } from './group.ts'

/**
 * The calls that remove the empty group, for a process that outlives its maker.
 *
 * One pass: a group whose last process is still exiting stays (EBUSY), so repeat after a pause. Groups below it are not looked for.
 *
 * @param parents ancestors too, when they are empty
 */
export function removalCalls(group: Group, { parents = false }: { readonly parents?: boolean } = {}): Program {
  return group.places.flatMap((place) => {
    const calls = [removal(place.directory, 'the kernel keeps an empty group until someone removes it')]
    if (!parents) return calls
    const parts = pathOf(place).slice(1).split('/')
    for (let depth = parts.length - 1; depth >= 1; depth--) {
      calls.push(removal(`${place.mountpoint}/${parts.slice(0, depth).join('/')}`, 'a parent is removed by whoever empties it'))
    }
    return calls
  })
}

function removal(directory: string, why: string) {
  return sys.unlinkat('AT_FDCWD', directory, ['AT_REMOVEDIR'], { why, allow: ['ENOENT', 'EBUSY'] })
}
