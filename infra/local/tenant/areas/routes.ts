import type { Route } from "../graph/types.js";
import type { World } from "../world.js";
import { conditionalAccessRoutes } from "./access/conditional-access.js";
import { deltaRoutes } from "./directory/delta.js";
import { deviceRoutes } from "./directory/devices.js";
import { groupRoutes } from "./directory/groups.js";
import { memberRoutes } from "./directory/members.js";
import { ownerRoutes } from "./directory/owners.js";
import { userRoutes } from "./directory/users.js";
import { catalogItemRoutes } from "./intune/catalog-items.js";
import { cloudPcRoutes } from "./intune/cloud-pcs.js";
import { deviceConfigurationRoutes } from "./intune/device-configurations.js";
import { driverProfileRoutes } from "./intune/driver-profiles.js";
import { expediteProfileRoutes } from "./intune/expedite-profiles.js";
import { featureProfileRoutes } from "./intune/feature-profiles.js";
import { featureVersionRoutes } from "./intune/feature-versions.js";
import { managedDeviceRoutes } from "./intune/managed-devices.js";
import { qualityPolicyRoutes } from "./intune/quality-policies.js";
import { scopeTagRoutes } from "./intune/scope-tags.js";
import { sendMailRoutes } from "./mail/send-mail.js";
import { organizationRoutes } from "./organization.js";
import { serviceAnnouncementRoutes } from "./service-announcements/routes.js";
import { configurationPolicyRoutes } from "./settings-catalog/configuration-policies.js";
import { configurationSettingRoutes } from "./settings-catalog/configuration-settings.js";
import { applicableContentRoutes } from "./updates/applicable-content.js";
import { assetRoutes } from "./updates/assets.js";
import { audienceRoutes } from "./updates/audiences.js";
import { catalogueRoutes } from "./updates/catalogue.js";
import { deploymentRoutes } from "./updates/deployments.js";
import { policyRoutes } from "./updates/policies.js";
import { productRoutes } from "./updates/products.js";
import { updatePolicyRoutes } from "./updates/update-policies.js";

/** The whole API, area by area. Delta comes first: `delta` would pass for an id. */
export function allRoutes(world: World): Route[] {
  return [
    ...organizationRoutes(world),
    ...deltaRoutes(world),
    ...groupRoutes(world),
    ...memberRoutes(world),
    ...ownerRoutes(world),
    ...deviceRoutes(world),
    ...userRoutes(world),
    ...sendMailRoutes(world),
    ...serviceAnnouncementRoutes(world),
    ...managedDeviceRoutes(world),
    ...deviceConfigurationRoutes(world),
    ...qualityPolicyRoutes(world),
    ...expediteProfileRoutes(world),
    ...featureProfileRoutes(world),
    ...driverProfileRoutes(world),
    ...catalogItemRoutes(world),
    ...scopeTagRoutes(world),
    ...cloudPcRoutes(world),
    ...conditionalAccessRoutes(world),
    ...featureVersionRoutes(world),
    ...configurationPolicyRoutes(world),
    ...configurationSettingRoutes(),
    ...catalogueRoutes(world),
    ...productRoutes(world),
    ...policyRoutes(world),
    ...assetRoutes(world),
    ...audienceRoutes(world),
    ...applicableContentRoutes(world),
    ...deploymentRoutes(world),
    ...updatePolicyRoutes(world),
  ];
}
