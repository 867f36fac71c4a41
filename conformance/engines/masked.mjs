/** The paths that engines ask to be masked: what covers them is each runtime's own affair. */
export const masked = /^\/sys\/dev(\/block)?$|^\/sys\/fs\/cgroup$|^\/proc\/(acpi|asound|interrupts|kcore|keys|latency_stats|sched_debug|scsi|timer_list|timer_stats)$|^\/sys\/(firmware|devices\/virtual\/powercap)$/
