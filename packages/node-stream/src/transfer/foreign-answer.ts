/**
 * The cause of an `IntegrityError` where something else answered in place of the file, such as a login page. It says nothing
 * about the bytes that came before it: a later transfer may go on behind them.
 */
export class ForeignAnswer extends Error {
  override readonly name: string = "ForeignAnswer";
}
