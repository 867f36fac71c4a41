// Systemd as PID 1 of a sandbox: nothing but it, the bus on which engines ask it for groups, and one service, with whose end all ends.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { until } from './until.mjs'


/** Systemd takes part in a bus by these names alone. */
const bus = (kind, socket) => ({
  'dbus.socket': `[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=${socket}\n`,
  'dbus.service': `[Unit]\nDefaultDependencies=no\nRequires=dbus.socket\nAfter=dbus.socket\n[Service]\nType=notify\nNotifyAccess=main\nExecStart=/usr/bin/dbus-daemon --${kind} --address=systemd: --nofork --nopidfile --systemd-activation --syslog-only\n`,
})

const units = {
  ...bus('system', '/run/dbus/system_bus_socket'),
  'engines.service': '[Unit]\nDefaultDependencies=no\nWants=dbus.service\nAfter=dbus.service\nSuccessAction=exit-force\nFailureAction=exit-force\n[Service]\nDelegate=yes\nTasksMax=infinity\nExecStart=/bin/sh /run/engines-command\n',
}

/** The last lines of a shell script: its arguments are the words of the service. Its exit status is that of the service. */
export function underSystemd() {
  return [
    'mkdir -p /run/units /run/generators',
    ...Object.entries(units).map(([name, text]) => `cat > /run/units/${name} <<'UNIT'\n${text}UNIT`),
    // The environment and the words as a script: a unit file has rules of its own for what stands in quotes.
    'export -p > /run/engines-command',
    `{ printf 'exec'; for word in "$@"; do printf " '%s'" "$(printf %s "$word" | sed "s/'/'\\\\\\\\''/g")"; done; echo; } >> /run/engines-command`,
    'exec env -i PATH="$PATH" container=ctr SYSTEMD_UNIT_PATH=/run/units:/run/systemd/transient SYSTEMD_GENERATOR_PATH=/run/generators /lib/systemd/systemd --system --unit=engines.service --log-target=console --log-level=warning --show-status=false',
  ]
}

/**
 * The manager of a user is there, in a group that was lent to it, with its bus.
 *
 * @param {{ uid: number, directory: string }} user directory: its XDG_RUNTIME_DIR
 */
export async function startUserManager({ uid, directory }) {
  for (const [name, text] of Object.entries(bus('session', '%t/bus'))) {
    mkdirSync('/run/user-units', { recursive: true })
    writeFileSync(`/run/user-units/${name}`, text)
  }
  const settings = { XDG_RUNTIME_DIR: directory, SYSTEMD_UNIT_PATH: `/run/user-units:${directory}/systemd/transient`, SYSTEMD_GENERATOR_PATH: '/run/generators' }
  execFileSync('systemd-run', ['--quiet', `--unit=user@${uid}.service`, `--slice=user-${uid}.slice`, `--uid=${uid}`, `--gid=${uid}`, '--property=Delegate=pids memory cpu cpuset', '--property=Type=notify', ...Object.entries(settings).map(([name, value]) => `--setenv=${name}=${value}`), '/lib/systemd/systemd', '--user', '--unit=dbus.service'])
  if (!await until(() => existsSync(`${directory}/bus`), true)) throw new Error(`No bus of user ${uid} after 30 s`)
}
