/** A login that is publicly known of images of one kind, whose password must be changed at the first use. */
export interface ShippedLogin {
  readonly username: string;
  readonly password: string;
}

/** Who can log in to an image. */
export interface SystemLogin {
  /** The user to log in as. */
  readonly username: string;
  /** The login that it was shipped with, where that is publicly known. */
  readonly shipped?: ShippedLogin | undefined;
}
