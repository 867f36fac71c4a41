import { CgroupError } from './cgroup-error.ts'
import { explained } from './explain-refusal.ts'
import { exists } from './exists.ts'
import { placeOf, type Group, type Place } from './group.ts'
import { writeText } from './interface-file.ts'
import { limitWrites, type LimitWrite, type Limits } from './limits.ts'
import { enableControllers } from './subtree-control.ts'

/**
 * The limits hold for the group and everything below it.
 *
 * When one is refused, those before it stay written. Pairs that bound each other (memory and memsw, quota and period) are
 * tried in the other order before giving up, so raising and lowering both work. v2: a controller that the group lacks is enabled in its
 * ancestors first.
 *
 * @param limits what is absent is not touched
 * @throws TypeError, RangeError before anything is written, see {@link limitWrites}
 * @throws CgroupError EBUSY v1: memory usage cannot be reclaimed below the limit; the hint has usage and peak
 * @throws CgroupError ENOENT no such group
 * @throws CgroupError EBUSY v2: the controller is not enabled, and an ancestor with member processes cannot enable it
 * @throws CgroupError EINVAL, EACCES CPUs outside the parent's
 */
export function setLimits(group: Group, limits: Limits): void {
  perform(group, limitWrites(group.layout, limits))
}

/** @throws TypeError a write for a hierarchy in which the group does not live */
export function checkPlaces(group: Group, writes: readonly LimitWrite[]): void {
  for (const { controller, file, value } of writes) {
    if (!placeOf(group, controller)) throw new TypeError(`Cannot set ${file} to ${value}: the group was made without the ${controller} controller`)
  }
}

export function perform(group: Group, writes: readonly LimitWrite[]): void {
  checkPlaces(group, writes)
  for (const write of writes.filter((each) => !tryWrite(group, each))) {
    const place = placeOf(group, write.controller)!
    try {
      enable(group, place, write.controller)
      writeEither(place, write)
    } catch (error) {
      throw explained(error, place.version, `Cannot set ${write.file} to ${write.value}`)
    }
  }
}

/** False when it is worth another try. */
function tryWrite(group: Group, { controller, file, value }: LimitWrite): boolean {
  const place = placeOf(group, controller)!
  try {
    writeText(`${place.directory}/${file}`, value)
    return true
  } catch (error) {
    if (error instanceof CgroupError) {
      // memory.limit_in_bytes may not pass memory.memsw.limit_in_bytes on the way, nor quota/period the parent's ratio: fine after the other one.
      if (error.code === 'EINVAL') return false
      // The group was made without the controller: a limit that comes later may still have it.
      if (error.code === 'ENOENT' && place.version === 2) return false
    }
    throw explained(error, place.version, `Cannot set ${file} to ${value}`)
  }
}

function writeEither({ directory }: Place, { file, value, instead }: LimitWrite): void {
  try {
    writeText(`${directory}/${file}`, value)
  } catch (error) {
    if (instead === undefined || !(error instanceof CgroupError) || error.code !== 'ENOENT') throw error
    try {
      writeText(`${directory}/${instead}`, value)
    } catch (second) {
      // The file that is asked for is the one to name, unless the other one is there and refuses.
      throw second instanceof CgroupError && second.code === 'ENOENT' ? error : second
    }
  }
}

function enable(group: Group, place: Place, controller: string): void {
  if (place.version === 2 && exists(group)) enableControllers(place, [controller], [])
}
