import { explain } from '@ctr/syscall'
import type { DbusValue } from '../../systemd/dbus-value.ts'
import type { OciCommand } from '../oci-command.ts'
import { print } from '../log.ts'

export const command: OciCommand = {
  usage: 'BUNDLE [ID]',
  about: 'print the system calls that creating a container of a bundle would make; none is made',
  flags: [{ name: 'json', help: 'the program as data' }],
  operands: [1, 2],
  async main(args, { rootless, systemdCgroup }) {
    const [{ prepare }, { ociPlan }, { groupSettings }, { controlGroupOfSystemd, toldProperties, writesOf }, { networkDeviceCommands }, { waitsForDevices }, { keyringName }, { deviceCalls, deviceWrites }] = await Promise.all([import('../../lifecycle/prepare.ts'), import('../../container.ts'), import('../../lifecycle/make-group.ts'), import('../../lifecycle/unit.ts'), import('../../lifecycle/network-devices.ts'), import('../../program/network-devices.ts'), import('../../program/session-keyring.ts'), import('@ctr/cgroup')])
    const [bundle, id = 'container'] = args.operands
    const { container, config, caller, unit } = prepare({ id, bundle: bundle!, keyring: keyringName(id, 'SECRET'), systemd: systemdCgroup, ...(rootless === undefined ? {} : { rootless }) }, systemdCgroup ? await controlGroupOfSystemd({ rootless }) : undefined)
    const plan = ociPlan(container)
    const { layout, places } = container.group
    const settings = groupSettings(container.group, config, caller)
    const { limits, files, owner, devices } = settings
    const told = unit ? [`unit ${unit.name} in ${unit.slice}`, ...toldProperties(unit, container.group, settings).map(([name, { value }]) => `${name} = ${shown(value)}`)] : []
    const writes = [...writesOf(container.group, { limits, files }), ...(layout.mode === 'v2' ? [] : deviceWrites(devices))]
    // Version 2 has no file for devices, but a program that decides.
    const calls = layout.mode === 'v2' ? deviceCalls(container.group, devices) : []
    const moves = networkDeviceCommands(config)
    if (args.has('json')) print(JSON.stringify({ v: 1, ...(unit ? { unit: unit.name } : {}), group: places.map(({ directory }) => directory), limits: writes, devices: calls, ...(owner === undefined ? {} : { owner }), ...(moves.length > 0 ? { netDevices: moves } : {}), ...(container.rdt ? { resctrl: container.rdt.make } : {}), ...plan }, null, 2))
    else print([
      ...told.map((line) => `# ${line}`),
      ...places.map(({ directory }) => `# group ${directory}`), ...writes.map(({ file, value }) => `# ${file} = ${value}`), ...(owner === undefined ? [] : [`# owner ${owner}`]), ...explain(calls).map((line) => `# ${line}`), ...explain(container.rdt?.make ?? []).map((line) => `# ${line}`),
      // What we do meanwhile, behind the call that says it is time.
      ...explain(plan.program, { open: plan.open }).flatMap((line, i) => (waitsForDevices(plan.program[i]!) ? [line, ...moves.map((command) => `# ${command}`)] : [line])),
    ].join('\n'))
    return 0
  },
}

const shown = (value: DbusValue): string => (typeof value === 'object' ? JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? String(each) : each)) : String(value))
