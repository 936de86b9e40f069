/** Whether whoever serves this can ask what the page is about to end. */
export const MAY_CANCEL = document.querySelector('meta[name="turingpi-cancel"]') !== null;
