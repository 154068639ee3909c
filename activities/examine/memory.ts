import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import { type Finding, isPoor, isWell } from '../../workflows/domain/finding.ts';
import type { HostSettings } from '../../workflows/domain/host/model.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import type { HostFacts } from './hostFacts.ts';

/** Where the host's models are: graphics memory, main memory, and what is left for those that spill. */
export async function* memoryFindings(
  check: string,
  host: HostSettings,
  facts: Pick<HostFacts, 'loaded'>,
): AsyncGenerator<Finding> {
  const loaded = facts.loaded.flatMap(({ name, size, inGpu }) =>
    size === undefined ? [] : [{ name, size, inGpu }],
  );
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(host.url).hostname);
  const cards = isHere ? await graphicsCards() : [];
  const swap = isHere ? await swapBytes() : undefined;
  if (isHere) {
    const memory = `memory ${gib(totalmem())}${swap === undefined ? '' : `, swap ${gib(swap)}`}`;
    yield isWell(check, `is this machine: ${memory}`, cards.join('\n') || 'no graphics card tells of itself');
  }
  const spilling = loaded.filter(({ size, inGpu }) => inGpu < size);
  if (spilling.length === 0) {
    if (loaded.length > 0)
      yield isWell(
        check,
        `holds ${loaded.map(({ name }) => oneLine(name, 60)).join(', ')} wholly in graphics memory`,
      );
    return;
  }
  const swapless =
    swap === 0 && loaded.reduce((sum, { size, inGpu }) => sum + size - inGpu, 0) > totalmem() / 2;
  yield isPoor(check, {
    what: `${spilling.map(({ name }) => oneLine(name, 60)).join(', ')} ${spilling.length === 1 ? 'is' : 'are'} not wholly in graphics memory, which makes every call several times slower.`,
    evidence: spilling
      .map(
        ({ name, size, inGpu }) =>
          `GET ${host.url}/api/ps: ${oneLine(name, 60)} ${gib(size)}, of it in graphics memory ${gib(inGpu)}`,
      )
      .join('\n'),
    fix: swapless
      ? 'Take a smaller model or context; and give this machine swap, or the system may end the server: fallocate -l 16G /swapfile'
      : 'Take a smaller model, a smaller quantization or a smaller context',
  });
}

/** `nvidia-smi` or `rocm-smi`; a machine without either has no card that the servers could use, or hides it. */
const graphicsCards = async (): Promise<readonly string[]> => {
  const query = '--query-gpu=name,driver_version,memory.total,memory.used';
  const nvidia = await said('nvidia-smi', [query, '--format=csv,noheader']);
  if (nvidia !== undefined) return lines(nvidia).map((line) => `graphics card: ${line}`);
  const amd = await said('rocm-smi', [
    '--showproductname',
    '--showdriverversion',
    '--showmeminfo',
    'vram',
    '--csv',
  ]);
  return amd === undefined ? [] : lines(amd).slice(0, 8);
};

const said = (program: string, args: readonly string[]): Promise<string | undefined> =>
  promisify(execFile)(program, [...args], { timeout: 5_000 }).then(
    ({ stdout }) => stdout,
    () => undefined,
  );

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => oneLine(line, 100))
    .filter((line) => line !== '');

/** Undefined where the system does not say. */
const swapBytes = async (): Promise<number | undefined> => {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const found = /^SwapTotal:\s+(\d+) kB$/m.exec(text)?.[1];
  return found === undefined ? undefined : Number(found) * 1024;
};

const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
