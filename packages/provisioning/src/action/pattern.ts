import { z } from 'zod';

/** A regular expression of JavaScript, as text. */
export const pattern = z.string().superRefine((text, context) => {
  try {
    new RegExp(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'expected a regular expression' });
  }
});
