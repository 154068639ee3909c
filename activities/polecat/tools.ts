/** The tools that a prompt of the form `tools` offers, as the chat API takes them. Who calls them is read as text again. */
export const offeredTools = (canLook: boolean): readonly object[] => [
  tool('write_file', 'Creates a file, or gives one a whole new text.', {
    path: text('Path of the file, relative to the root of the repository.'),
    content: text('The whole text of the file.'),
  }),
  tool('replace_in_file', 'Changes lines of a file.', {
    path: text('Path of the file, relative to the root of the repository.'),
    search: text('Lines of the file, copied exactly; they must occur only once.'),
    replace: text('The lines that take their place.'),
  }),
  tool('delete_file', 'Removes a file.', {
    path: text('Path of the file, relative to the root of the repository.'),
  }),
  tool('nothing_to_change', 'Says that all that the task asks for is there already.', {}),
  tool('propose_work', 'Proposes other work that you have noticed; a person decides.', {
    title: text('One line that says what.'),
    files: { type: 'array', items: { type: 'string' }, description: 'Paths that it is about.' },
    task: text('What is wrong and what should be done, in a few sentences.'),
  }),
  ...(canLook
    ? [
        tool('run_command', 'Runs one shell command in a sandbox, to see what it prints.', {
          command: text('One command, run at the root of the repository without a network.'),
        }),
      ]
    : []),
];

const text = (description: string): object => ({ type: 'string', description });

const tool = (name: string, description: string, properties: Readonly<Record<string, object>>): object => ({
  type: 'function',
  function: {
    name,
    description,
    parameters: {
      type: 'object',
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    },
  },
});
