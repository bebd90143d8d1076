/**
 * What an OVF descriptor says of the virtual machines that its package holds.
 * @packageDocumentation
 */
// oxlint-disable-next-line import/no-unassigned-import -- it says which Node is needed, before another import fails
import "./node-version.ts";
export { findOvaDescriptor, ovaStartBytes } from "./ovf/ova-descriptor.ts";
export type { OvaDescriptor } from "./ovf/ova-descriptor.ts";
export { maxDescriptorBytes, readOvfDescriptor } from "./ovf/descriptor.ts";
export type {
  OvfConfiguration,
  OvfDescriptor,
  OvfDisk,
  OvfFile,
  OvfMachine,
  OvfNetwork,
  OvfProduct,
  OvfProperty,
} from "./ovf/descriptor.ts";
