/**
 * The files of an OVA archive, and what an OVF descriptor says of the virtual machines that its package holds.
 * @packageDocumentation
 */
// oxlint-disable-next-line import/no-unassigned-import -- it says which Node is needed, before another import fails
import "./node-version.ts";
export { listOva } from "./ovf/list-ova.ts";
export type { OvaListing, OvaMember } from "./ovf/list-ova.ts";
export type { OvaBytes } from "./ovf/member-reader.ts";
export { openOvaMember } from "./ovf/open-ova-member.ts";
export type { OvaMemberStream } from "./ovf/open-ova-member.ts";
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
