import { z } from 'zod';
import { LinuxError } from '../linux-error.js';

/** A text that one of our checks accepts; what it throws is told in the check's words. */
export function checked(check: (text: string) => void): z.ZodString {
  return z.string().superRefine((text, context) => {
    try {
      check(text);
    } catch (error) {
      if (!(error instanceof LinuxError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });
}
