/** The descriptor of a small appliance, as a tool of VMware writes it. */
export const descriptor: string = `<?xml version="1.0" encoding="UTF-8"?>
<Envelope vmw:buildId="build-21624340" xmlns="http://schemas.dmtf.org/ovf/envelope/1"
  xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:vmw="http://www.vmware.com/schema/ovf"
  xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData"
  xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_VirtualSystemSettingData">
  <References>
    <File ovf:href="photon-disk1.vmdk" ovf:id="file1" ovf:size="5000"/>
    <File ovf:href="photon%20disk2.vmdk" ovf:id="file2" ovf:size="5000"/>
  </References>
  <DiskSection>
    <Info>Virtual disk information</Info>
    <Disk ovf:capacity="16" ovf:capacityAllocationUnits="byte * 2^30" ovf:diskId="vmdisk1" ovf:fileRef="file1"/>
    <Disk ovf:capacity="1" ovf:capacityAllocationUnits="byte * 2^40" ovf:diskId="vmdisk2" ovf:fileRef="file2"/>
    <Disk ovf:capacity="2" ovf:capacityAllocationUnits="byte * 2^30" ovf:diskId="swap"/>
  </DiskSection>
  <NetworkSection><Info>Networks</Info><Network ovf:name="VM Network"><Description>The network</Description></Network></NetworkSection>
  <VirtualSystem ovf:id="photon">
    <Info>A virtual machine</Info>
    <Name>photon</Name>
    <OperatingSystemSection ovf:id="36" vmw:osType="vmwarePhoton64Guest"><Description>VMware Photon OS (64-bit)</Description></OperatingSystemSection>
    <VirtualHardwareSection>
      <System><vssd:ElementName>Family</vssd:ElementName><vssd:VirtualSystemType>vmx-19</vssd:VirtualSystemType></System>
      <Item><rasd:AllocationUnits>hertz * 10^6</rasd:AllocationUnits><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>2</rasd:VirtualQuantity></Item>
      <Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>2048</rasd:VirtualQuantity></Item>
    </VirtualHardwareSection>
    <EulaSection><Info>EULA</Info><License>Be good.</License></EulaSection>
    <ProductSection>
      <Product>Photon</Product><Vendor>Broadcom</Vendor><Version>5</Version><FullVersion>5.0 GA</FullVersion>
      <Property ovf:key="hostname" ovf:type="string" ovf:userConfigurable="true"><Label>Host name</Label></Property>
      <Property ovf:key="root.pw" ovf:type="string" ovf:userConfigurable="true" ovf:password="true" ovf:value="hunter2hunter2"><Label>Password</Label></Property>
      <Property ovf:key="build" ovf:type="string" ovf:value="hunter3hunter3"/>
    </ProductSection>
  </VirtualSystem>
</Envelope>
`;
