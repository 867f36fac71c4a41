import { OciError } from '../oci-error.ts'
import { systemdAddresses, type SystemdOwner } from './address.ts'
import { DbusConnection, DbusError } from './connection.ts'
import type { DbusValue } from './dbus-value.ts'
import type { UnitProperty } from './properties.ts'

const destination = 'org.freedesktop.systemd1'
const path = '/org/freedesktop/systemd1'
const manager = `${destination}.Manager`
const bus = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus' }

/** What we want of systemd. @see org.freedesktop.systemd1(5) */
export class Systemd {
  readonly #connection: DbusConnection
  /** How jobs have ended, by their paths. */
  readonly #ended = new Map<string, string>()

  private constructor(connection: DbusConnection) {
    this.#connection = connection
    connection.onSignal = ({ interface: from, member, body }) => {
      const [, job, , result] = body ?? []
      if (from === manager && member === 'JobRemoved') this.#ended.set(String(job), String(result))
    }
  }

  /** @throws OciError there is none */
  static async connect(owner: SystemdOwner): Promise<Systemd> {
    const tried: string[] = []
    for (const address of systemdAddresses(owner, process.env, process.geteuid!())) {
      try {
        const connection = await DbusConnection.open(address.path)
        const systemd = new Systemd(connection)
        if (address.bus) await systemd.#enterBus()
        return systemd
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException
        tried.push(`${address.path.replace('\0', '@')} (${code ?? message})`)
      }
    }
    throw new OciError(`--systemd-cgroup: no systemd ${owner.user ? 'of this user ' : ''}answers at ${tried.join(' or ')}: without the flag, groups are made without it`)
  }

  /** A bus tells us of signals that we ask for, and systemd sends any only while somebody wants some. */
  async #enterBus(): Promise<void> {
    try {
      await this.#connection.call({ ...bus, member: 'Hello' })
      await this.#connection.call({ ...bus, member: 'AddMatch', signature: 's', body: [`type='signal',sender='${destination}',path='${path}',interface='${manager}',member='JobRemoved'`] })
      await this.#call('Subscribe', '', [])
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** The path of its own group, below which all of its units have theirs; `/` of the machine's. */
  async controlGroup(): Promise<string> {
    return await this.#groupOf(path, manager) || '/'
  }

  /**
   * The unit is there, with the processes that its properties name.
   *
   * @throws OciError it could not be made
   */
  async startUnit(unit: string, properties: readonly UnitProperty[]): Promise<void> {
    const start = () => this.#job('StartTransientUnit', 'ssa(sv)a(sa(sv))', [unit, 'replace', properties as readonly DbusValue[], []])
    try {
      await start().catch(async (error: unknown) => {
        if (!isRefusal(error, 'UnitExists')) throw error
        // What failed keeps its name until it is reset.
        await this.#reset(unit)
        await start()
      })
    } catch (error) {
      throw new OciError(`unable to start unit ${JSON.stringify(unit)}: ${wordsOf(error)}`, { cause: error })
    }
  }

  /**
   * The unit is gone, and its group with it. One that is not there is no error.
   *
   * @param group its path: a unit of that name with another is somebody else's, and stays
   */
  async stopUnit(unit: string, group: string): Promise<void> {
    try {
      const [object] = await this.#call('GetUnit', 's', [unit])
      const found = await this.#groupOf(object as string, `${destination}.Scope`)
      // One that has ended has no group any more.
      if (found !== '' && found !== group) return
      await this.#job('StopUnit', 'ss', [unit, 'replace'])
    } catch (error) {
      if (!isRefusal(error, 'NoSuchUnit', 'UnknownObject')) throw new OciError(`unable to stop unit ${JSON.stringify(unit)}: ${wordsOf(error)}`, { cause: error })
    }
    await this.#reset(unit)
  }

  /** Until the machine is started again, as all of such a unit is. */
  async setProperties(unit: string, properties: readonly UnitProperty[]): Promise<void> {
    try {
      await this.#call('SetUnitProperties', 'sba(sv)', [unit, true, properties as readonly DbusValue[]])
    } catch (error) {
      throw new OciError(`unable to set properties of unit ${JSON.stringify(unit)}: ${wordsOf(error)}`, { cause: error })
    }
  }

  /** A process is in the group of the unit, or in one below it. @param below a path from that of the unit, that begins with a slash */
  async attach(unit: string, below: string, pid: number): Promise<void> {
    try {
      await this.#call('AttachProcessesToUnit', 'ssau', [unit, below, [pid]])
    } catch (error) {
      throw new OciError(`unable to move process ${pid} to unit ${JSON.stringify(unit)}: ${wordsOf(error)}`, { cause: error })
    }
  }

  close(): void {
    this.#connection.close()
  }

  /** A call that makes a job has been answered, and the job is done. */
  async #job(member: string, signature: string, body: readonly DbusValue[]): Promise<void> {
    const [job] = await this.#call(member, signature, body)
    await this.#connection.until(() => this.#ended.has(String(job)), `${member} ${body[0] as string}`)
    const result = this.#ended.get(String(job))
    if (result !== 'done') throw new Error(`its job ended with ${JSON.stringify(result)}`)
  }

  async #groupOf(object: string, of: string): Promise<string> {
    const [variant] = await this.#connection.call({ destination, path: object, interface: 'org.freedesktop.DBus.Properties', member: 'Get', signature: 'ss', body: [of, 'ControlGroup'] })
    return (variant as { readonly value: string }).value
  }

  async #reset(unit: string): Promise<void> {
    await this.#call('ResetFailedUnit', 's', [unit]).catch((error: unknown) => {
      // It has not failed, or is gone.
      if (!(error instanceof DbusError)) throw error
    })
  }

  #call(member: string, signature: string, body: readonly DbusValue[]): Promise<readonly DbusValue[]> {
    return this.#connection.call({ destination, path, interface: manager, member, signature, body })
  }
}

const isRefusal = (error: unknown, ...names: readonly string[]): boolean => error instanceof DbusError && names.some((name) => error.error.endsWith(`.${name}`))

const wordsOf = (error: unknown): string => `systemd: ${(error as Error).message}`

/** Calls back with a connection, which ends with it. @throws OciError there is no systemd */
export async function withSystemd<T>(owner: SystemdOwner, use: (systemd: Systemd) => Promise<T>): Promise<T> {
  const systemd = await Systemd.connect(owner)
  try {
    return await use(systemd)
  } finally {
    systemd.close()
  }
}
