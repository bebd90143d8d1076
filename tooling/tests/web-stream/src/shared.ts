export const itemId = "item-1";
export const fileName = "disk 0 größer.iso";
export const sizeBytes = 3_000_000;
