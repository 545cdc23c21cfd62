import { readFileSync } from 'node:fs'
import { browser, isReady } from './lifecycle.ts'
import { descendants, switchOf, type ProcessInfo } from './processes.ts'
import { utilityChildren } from './utility-process.ts'

type Metric = Electron.ProcessMetric

const TYPES: Record<string, Metric['type']> = {
  renderer: 'Tab',
  'gpu-process': 'GPU',
  utility: 'Utility',
  zygote: 'Zygote',
}

function memoryOf(pid: number): Electron.MemoryInfo {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kilobytes = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
    return { workingSetSize: kilobytes('VmRSS'), peakWorkingSetSize: kilobytes('VmHWM') }
  } catch {
    return { workingSetSize: 0, peakWorkingSetSize: 0 } // it ended while we looked
  }
}

function metric(
  pid: number,
  type: Metric['type'],
  names: Partial<Pick<Metric, 'name' | 'serviceName'>> = {},
): Metric {
  return {
    pid,
    type,
    ...names,
    creationTime: 0,
    cpu: { percentCPUUsage: 0, idleWakeupsPerSecond: 0 },
    memory: memoryOf(pid),
  }
}

function chromiumMetric(info: ProcessInfo): Metric {
  const type = switchOf(info, 'type')
  const serviceName = switchOf(info, 'utility-sub-type')
  return metric(info.pid, TYPES[type ?? ''] ?? 'Unknown', {
    name: type ?? 'Chromium',
    ...(serviceName === undefined ? {} : { serviceName }),
  })
}

/** Real process ids: this process, the utility processes, and Chromium's. CPU times are not measured. */
export function getAppMetrics(): Metric[] {
  const chromium = isReady() ? browser().pid : undefined
  return [
    metric(process.pid, 'Browser'),
    ...[...utilityChildren.values()].map((child) =>
      metric(child.pid, 'Utility', { name: child.serviceName, serviceName: 'node.mojom.NodeService' }),
    ),
    ...(chromium === undefined ? [] : descendants(chromium).map(chromiumMetric)),
  ]
}
