import type { HostSettings, ModelSettings } from '../../../workflows/domain/host/model.ts';
import type { ResidentModel } from '../../../workflows/domain/host/probe.ts';

/** What a person should know of a model that serves all the same. */
export interface Remark {
  readonly what: string;
  readonly evidence: string;
  readonly next: string;
}

/** Whether a loaded model takes the memory that it is planned with, and where that is. */
export const memoryRemarks = (
  host: Pick<HostSettings, 'name'>,
  model: Pick<ModelSettings, 'key' | 'memoryBytes'>,
  { name, bytes, inGpu }: ResidentModel,
): readonly Remark[] => {
  const remarks: Remark[] = [];
  const { value: size, by } = bytes;
  if (size === undefined) return remarks;
  if (model.memoryBytes !== undefined && size > model.memoryBytes * tolerance) {
    remarks.push({
      what: `${name} takes ${gib(size)} on host ${host.name}; model ${model.key} is planned with ${gib(model.memoryBytes)}.`,
      evidence: `${by}: ${size} bytes`,
      next: `Set models.${model.key}.memory: ${Math.ceil(size / 2 ** 20)}MiB, or give it a smaller context.`,
    });
  }
  if (inGpu.value !== undefined && inGpu.value < size) {
    remarks.push({
      what: `${name} is not wholly in graphics memory on host ${host.name}, which makes every call several times slower.`,
      evidence: `${inGpu.by}: ${gib(inGpu.value)} of ${gib(size)}`,
      next: 'Take a smaller model, a smaller quantization or a smaller context.',
    });
  }
  return remarks;
};

/** Servers round, and caches grow a little. */
const tolerance = 1.05;

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
