/** A licence that entitles to the service, as Graph's `subscribedSkus` names it (autopatch.md §4.3). */
export interface Licence {
  readonly name: string;
  readonly partNumber: string;
  readonly skuId: string;
}

const licence = (name: string, partNumber: string, skuId: string): Licence => ({ name, partNumber, skuId });

export const LICENCES: readonly Licence[] = [
  licence("Microsoft 365 E3", "SPE_E3", "05e9a617-0261-4cee-bb44-138d3ef5d965"),
  licence("Microsoft 365 E3 (500 seats min., HUB)", "Microsoft_365_E3", "0c21030a-7e60-4ec7-9a0f-0042e0e0211a"),
  licence("Microsoft 365 E3 - Unattended", "SPE_E3_RPA1", "c2ac2ee4-9bb1-47e4-8541-d689c7e83371"),
  licence("Microsoft 365 E5", "SPE_E5", "06ebc4ee-1bb5-47dd-8120-11324bc54e06"),
  licence("Microsoft 365 E5 (500 seats min., HUB)", "Microsoft_365_E5", "db684ac5-c0e7-4f92-8284-ef9ebde75d33"),
  licence("Microsoft 365 E5 with calling minutes", "SPE_E5_CALLINGMINUTES", "a91fc4e0-65e5-4266-aa76-4037509c1626"),
  licence("Microsoft 365 E5 without audio conferencing", "SPE_E5_NOPSTNCONF", "cd2925a3-5076-4233-8931-638a8c94f773"),
  licence(
    "Microsoft 365 E5 without audio conferencing (500 seats min., HUB)",
    "Microsoft_365_E5_without_Audio_Conferencing",
    "2113661c-6509-4034-98bb-9c47bd28d63c",
  ),
  licence("Test - Microsoft 365 E3", "SPE_E3_TEST", "23a55cbc-971c-4ba2-8bae-04cd13d2f4ad"),
  licence(
    "Test - Microsoft 365 E5 without audio conferencing",
    "SPE_E5_NOPSTNCONF_TEST",
    "1362a0d9-b3c2-4112-bf1a-7a838d181c0f",
  ),
  licence("Windows 10/11 Enterprise E3", "WIN10_VDA_E3", "6a0f6da5-0b87-4190-a6ae-9bb5a2b9546a"),
  licence("Windows 10/11 Enterprise E5", "WIN10_VDA_E5", "488ba24a-39a9-4473-8ee5-19291e71b002"),
  licence("Windows 10/11 Enterprise VDA", "E3_VDA_only", "d13ef257-988a-46f3-8fce-f47484dd4550"),
  licence("Microsoft 365 F3", "SPE_F1", "66b55226-6b4f-492c-910c-a3b7a3c9d993"),
];
