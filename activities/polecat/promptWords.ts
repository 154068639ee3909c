import type { BeadSpec } from '../../workflows/domain/bead/bead.ts';
import type { EditForm } from '../../workflows/domain/bead/editForm.ts';
import { oneLine } from '../../workflows/domain/text.ts';
import { reportSize } from './report.ts';
import { fillTemplate, loadTemplate, templateHash } from './template.ts';
import { masked } from './untrusted.ts';

/** The town's own words in a polecat's prompt, by what the bead makes and by the form of its replies. */
export interface PromptWords {
  /** Which wording of the templates this is. */
  readonly hash: string;
  system(of: { readonly spec: BeadSpec; readonly form: EditForm; readonly canLook: boolean }): string;
  /** The last lines of the prompt. */
  ask(what: 'note' | undefined, spec: BeadSpec): string;
  user(parts: Readonly<Record<string, string>>): string;
}

export const loadPromptWords = (): PromptWords => {
  const change = loadTemplate('system.md');
  const report = loadTemplate('report-system.md');
  const explore = loadTemplate('explore.md');
  const task = loadTemplate('task.md');
  const forms = {
    whole: loadTemplate('form-whole.md'),
    blocks: loadTemplate('form-blocks.md'),
    tools: loadTemplate('form-tools.md'),
  };
  const asks = {
    change: loadTemplate('ask-change.md'),
    report: loadTemplate('ask-report.md'),
    note: loadTemplate('ask-note.md'),
  };
  const all = [change, report, explore, task, ...Object.values(forms), ...Object.values(asks)];
  return {
    hash: templateHash(all),

    system({ spec, form, canLook }) {
      const look = canLook ? fillTemplate(explore, {}) : '';
      return spec.output === 'report'
        ? fillTemplate(report, { ...reportWords(spec), explore: look })
        : fillTemplate(change, { form: fillTemplate(forms[form], {}), explore: look });
    },

    ask(what, spec) {
      if (what === 'note') return fillTemplate(asks.note, {});
      const title = masked(oneLine(spec.title, 200));
      return fillTemplate(asks[spec.output ?? 'change'], { title });
    },

    user: (parts) => fillTemplate(task, parts),
  };
};

const reportWords = ({ sections = [] }: BeadSpec): Readonly<Record<string, string>> => ({
  sections:
    sections.length === 0
      ? ''
      : `It has these sections, each under its own heading (## and the name): ${sections.join(', ')}.\n`,
  least: String(reportSize.least),
  most: String(reportSize.most),
});
