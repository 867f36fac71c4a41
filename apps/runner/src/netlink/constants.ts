/** Message types: linux/netlink.h, linux/rtnetlink.h. */
export const types = { NLMSG_ERROR: 2, NLMSG_DONE: 3, RTM_NEWLINK: 16, RTM_GETLINK: 18, RTM_NEWADDR: 20, RTM_GETADDR: 22 } as const

/** Flags of a message (linux/netlink.h). */
export const flags = { NLM_F_REQUEST: 0x1, NLM_F_ACK: 0x4, NLM_F_DUMP_INTR: 0x10, NLM_F_DUMP: 0x300, NLM_F_EXCL: 0x200, NLM_F_CREATE: 0x400 } as const

/** Attributes of a link (linux/if_link.h), and a flag of its struct (linux/if.h). */
export const link = { IFLA_IFNAME: 3, IFLA_NET_NS_FD: 28, IFLA_NEW_IFINDEX: 49, IFF_UP: 1 } as const

/** Attributes of an address and their flags (linux/if_addr.h), and the scope of those that are valid everywhere (linux/rtnetlink.h). */
export const address = { IFA_ADDRESS: 1, IFA_LOCAL: 2, IFA_LABEL: 3, IFA_FLAGS: 8, IFA_F_PERMANENT: 0x80, RT_SCOPE_UNIVERSE: 0 } as const

/** IFNAMSIZ (linux/if.h): the bytes of a name, and the NUL behind it. */
export const IFNAMSIZ = 16
