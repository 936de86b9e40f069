import { z } from 'zod';

/** A regular expression of JavaScript, as text. */
export const pattern = z.string().superRefine((text, context) => {
  try {
    new RegExp(text);
  } catch (error) {
    context.addIssue({ code: 'custom', message: `is no regular expression: ${reasonOf(error, text)}` });
  }
});

/** What the engine objects to, without the expression itself, which the place names. */
function reasonOf(error: unknown, text: string): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace('Invalid regular expression: ', '').replace(`/${text}/: `, '').toLowerCase();
}
