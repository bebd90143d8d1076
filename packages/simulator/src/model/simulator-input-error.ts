/** An option, a fault or a seed is wrong. The message begins with the place of the mistake. */
export class SimulatorInputError extends Error {
  /** Where the mistake is, such as `libraries[0].items[2].name`. */
  readonly place: string;

  constructor(place: string, mistake: string) {
    super(`${place}: ${mistake}`);
    this.name = "SimulatorInputError";
    this.place = place;
  }
}
