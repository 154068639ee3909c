export { faultText, type InputFault, InputRejected } from './rejected.ts';
