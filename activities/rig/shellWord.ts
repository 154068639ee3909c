export { shellWord } from '../../workflows/domain/shellWord.ts';
