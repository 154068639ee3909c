/** The functions that an expression may call, by name. Each takes numbers and returns a number. */
export const functions = {
  abs: Math.abs,
};
