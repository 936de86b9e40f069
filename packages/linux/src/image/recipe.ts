/**
 * Raised when the same inputs give another image: one of an older recipe that is not installed yet is made again, and
 * one that is installed is outdated.
 */
export const RECIPE = 3;
