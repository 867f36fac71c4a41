import { sys, type Program } from '@ctr/syscall'

/** The class, and in RT and BE a level: 0, the most, to 7. */
export interface IoPriority {
  readonly class: keyof typeof classes
  readonly level?: number
}

/** linux/ioprio.h: the class is above the 13 bits of its level. */
const classes = { IOPRIO_CLASS_NONE: 0, IOPRIO_CLASS_RT: 1, IOPRIO_CLASS_BE: 2, IOPRIO_CLASS_IDLE: 3 } as const

/**
 * The thread's reads and writes come before or behind others', where the device's scheduler looks at that (mq-deadline, BFQ).
 *
 * @throws EPERM IOPRIO_CLASS_RT without CAP_SYS_ADMIN and CAP_SYS_NICE
 * @see ioprio_set(2)
 *
 * @example
 * ```ts
 * ioPriority({ class: 'IOPRIO_CLASS_BE', level: 7 })
 * ```
 */
export function ioPriority({ class: name, level = name === 'IOPRIO_CLASS_RT' || name === 'IOPRIO_CLASS_BE' ? 4 : 0 }: IoPriority, why = 'its input and output comes before or behind that of others'): Program {
  if (!Object.hasOwn(classes, name)) throw new TypeError(`There is no input and output class ${JSON.stringify(name)}: there are ${Object.keys(classes).join(', ')}`)
  const most = name === 'IOPRIO_CLASS_RT' || name === 'IOPRIO_CLASS_BE' ? 7 : 0
  if (!Number.isInteger(level) || level < 0 || level > most) throw new RangeError(`${name} has no level ${level}: it has 0 to ${most}`)
  return [sys.ioprio_set('IOPRIO_WHO_PROCESS', 0, (classes[name] << 13) | level, why)]
}
