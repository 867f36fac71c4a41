/** What a schemata file says of each resource, by domain: `L3:0=ff;1=f` is `{ L3: { 0: 'ff', 1: 'f' } }`. */
type Schemata = ReadonlyMap<string, ReadonlyMap<string, string>>

/** The kernel writes masks with leading zeros, and aligns the names (rdtgroup_schemata_show, show_doms). */
const plain = (value: string): string => value.trim().toLowerCase().replace(/^0+(?=.)/, '')

function parse(text: string): Schemata {
  return new Map(text.split('\n').filter((line) => line.includes(':')).map((line) => {
    const [resource = '', domains = ''] = line.trim().split(/:(.*)/s)
    return [resource.trim(), new Map(domains.split(';').map((domain) => domain.split('=').map(plain) as [string, string]))]
  }))
}

/**
 * How a group differs from what was asked for; undefined where it does not. Domains and resources that were not named are as they are.
 *
 * A bandwidth is compared as it is written, and the kernel rounds it to what the processor can do: whoever makes a group for several containers has to
 * name what it has.
 *
 * @param asked lines, as they would be written
 * @param file what there is in the schemata file of the group
 */
export function difference(asked: readonly string[], file: string): string | undefined {
  const there = parse(file)
  for (const line of asked) {
    for (const [resource, domains] of parse(line)) {
      for (const [domain, value] of domains) {
        const has = there.get(resource)?.get(domain)
        if (has !== value) return `${resource}:${domain} is ${has ?? 'not there'}, and ${value} was asked for`
      }
    }
  }
  return undefined
}
