import { LookingAction } from '@turingpi/provisioning';

/** An action that is told one name, which is all that decides it. */
export abstract class NamedSettingAction extends LookingAction<string> {
  note(name: string): string {
    return name;
  }

  inputs(name: string) {
    return { name };
  }
}
