/** What is tried with an engine, by who makes its groups. @param {'cgroupfs' | 'systemd'} groups */
export async function scenariosOf(engine, groups) {
  const { scenarios } = await import(`./engine-${engine}.mjs`)
  return groups === 'systemd' && /docker|podman/.test(engine) ? [...scenarios, ...(await import('./scenarios-systemd.mjs')).scenarios] : scenarios
}
