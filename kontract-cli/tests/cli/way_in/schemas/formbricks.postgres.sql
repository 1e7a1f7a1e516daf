-- Formbricks (Prisma migrations), August 2026: an excerpt.
-- Facts of its catalogue: names and types.

CREATE TYPE "ActionType" AS ENUM ('code', 'noCode');
CREATE TYPE "ApiKeyPermission" AS ENUM ('read', 'write', 'manage');
CREATE TYPE "ContactAttributeDataType" AS ENUM ('string', 'number', 'date');
CREATE TYPE "ContactAttributeType" AS ENUM ('default', 'custom');
CREATE TYPE "IdentityProvider" AS ENUM ('email', 'github', 'google', 'azuread', 'openid', 'saml');
CREATE TYPE "IntegrationType" AS ENUM ('googleSheets', 'airtable', 'notion', 'slack');
CREATE TYPE "OrganizationRole" AS ENUM ('owner', 'manager', 'member', 'billing');
CREATE TYPE "PipelineTriggers" AS ENUM ('responseCreated', 'responseUpdated', 'responseFinished');
CREATE TYPE "ResponseQuotaLinkStatus" AS ENUM ('screenedIn', 'screenedOut');
CREATE TYPE "SurveyOverlay" AS ENUM ('none', 'light', 'dark');
CREATE TYPE "SurveyQuotaAction" AS ENUM ('endSurvey', 'continueSurvey');
CREATE TYPE "SurveyScriptMode" AS ENUM ('add', 'replace');
CREATE TYPE "SurveyStatus" AS ENUM ('draft', 'inProgress', 'paused', 'completed');
CREATE TYPE "SurveyType" AS ENUM ('link', 'app');
CREATE TYPE "TeamUserRole" AS ENUM ('admin', 'contributor');
CREATE TYPE "WebhookSource" AS ENUM ('user', 'zapier', 'make', 'n8n', 'activepieces');
CREATE TYPE "WidgetPlacement" AS ENUM ('bottomLeft', 'bottomRight', 'topLeft', 'topRight', 'center');
CREATE TYPE "WorkspaceTeamPermission" AS ENUM ('read', 'readWrite', 'manage');
CREATE TYPE "displayOptions" AS ENUM ('displayOnce', 'displayMultiple', 'respondMultiple', 'displaySome');

CREATE TABLE "Account" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    "userId" text NOT NULL,
    type text,
    provider text NOT NULL,
    "providerAccountId" text NOT NULL,
    access_token text,
    refresh_token text,
    expires_at integer,
    token_type text,
    scope text,
    id_token text,
    session_state text,
    ext_expires_in integer,
    "accessTokenExpiresAt" timestamp(3),
    password text,
    "refreshTokenExpiresAt" timestamp(3),
    issuer text,
    CONSTRAINT "Account_pkey" PRIMARY KEY (id)
);
CREATE UNIQUE INDEX "Account_issuer_providerAccountId_key" ON "Account" (issuer, "providerAccountId");
CREATE UNIQUE INDEX "Account_provider_providerAccountId_key" ON "Account" (provider, "providerAccountId");
CREATE INDEX "Account_userId_idx" ON "Account" ("userId");
CREATE TABLE "ActionClass" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    name text NOT NULL,
    description text,
    type "ActionType" NOT NULL,
    "noCodeConfig" jsonb,
    key text,
    "workspaceId" text NOT NULL,
    CONSTRAINT "ActionClass_pkey" PRIMARY KEY (id)
);
CREATE UNIQUE INDEX "ActionClass_key_workspaceId_key" ON "ActionClass" (key, "workspaceId");
CREATE UNIQUE INDEX "ActionClass_name_workspaceId_key" ON "ActionClass" (name, "workspaceId");
CREATE INDEX "ActionClass_workspaceId_created_at_idx" ON "ActionClass" ("workspaceId", created_at);
CREATE TABLE "ApiKey" (
    id text NOT NULL,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "createdBy" text,
    "lastUsedAt" timestamp(3),
    label text NOT NULL,
    "hashedKey" text NOT NULL,
    "organizationId" text NOT NULL,
    "organizationAccess" jsonb NOT NULL DEFAULT '{}'::jsonb,
    "lookupHash" text,
    CONSTRAINT "ApiKey_pkey" PRIMARY KEY (id)
);
CREATE UNIQUE INDEX "ApiKey_lookupHash_key" ON "ApiKey" ("lookupHash");
CREATE INDEX "ApiKey_organizationId_idx" ON "ApiKey" ("organizationId");
CREATE TABLE "ApiKeyWorkspace" (
    id text NOT NULL,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" timestamp(3) NOT NULL,
    "apiKeyId" text NOT NULL,
    permission "ApiKeyPermission" NOT NULL,
    "workspaceId" text NOT NULL,
    CONSTRAINT "ApiKeyWorkspace_pkey" PRIMARY KEY (id)
);
CREATE UNIQUE INDEX "ApiKeyWorkspace_apiKeyId_workspaceId_key" ON "ApiKeyWorkspace" ("apiKeyId", "workspaceId");
CREATE INDEX "ApiKeyWorkspace_workspaceId_idx" ON "ApiKeyWorkspace" ("workspaceId");
CREATE TABLE "Contact" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    "workspaceId" text NOT NULL,
    CONSTRAINT "Contact_pkey" PRIMARY KEY (id)
);
CREATE INDEX "Contact_workspaceId_idx" ON "Contact" ("workspaceId");
CREATE TABLE "ContactAttribute" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    "attributeKeyId" text NOT NULL,
    "contactId" text NOT NULL,
    "value" text NOT NULL,
    "valueDate" timestamp(3),
    "valueNumber" double precision,
    CONSTRAINT "ContactAttribute_pkey" PRIMARY KEY (id)
);
CREATE INDEX "ContactAttribute_attributeKeyId_valueDate_idx" ON "ContactAttribute" ("attributeKeyId", "valueDate");
CREATE INDEX "ContactAttribute_attributeKeyId_valueNumber_idx" ON "ContactAttribute" ("attributeKeyId", "valueNumber");
CREATE INDEX "ContactAttribute_attributeKeyId_value_idx" ON "ContactAttribute" ("attributeKeyId", value);
CREATE UNIQUE INDEX "ContactAttribute_contactId_attributeKeyId_key" ON "ContactAttribute" ("contactId", "attributeKeyId");
CREATE TABLE "ContactAttributeKey" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    name text,
    description text,
    type "ContactAttributeType" NOT NULL DEFAULT 'custom'::"ContactAttributeType",
    key text NOT NULL,
    "isUnique" boolean NOT NULL DEFAULT false,
    "dataType" "ContactAttributeDataType" NOT NULL DEFAULT 'string'::"ContactAttributeDataType",
    "workspaceId" text NOT NULL,
    CONSTRAINT "ContactAttributeKey_pkey" PRIMARY KEY (id)
);
CREATE UNIQUE INDEX "ContactAttributeKey_key_workspaceId_key" ON "ContactAttributeKey" (key, "workspaceId");
CREATE INDEX "ContactAttributeKey_workspaceId_created_at_idx" ON "ContactAttributeKey" ("workspaceId", created_at);
CREATE TABLE "Display" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    "surveyId" text NOT NULL,
    "contactId" text,
    CONSTRAINT "Display_pkey" PRIMARY KEY (id)
);
CREATE INDEX "Display_contactId_created_at_idx" ON "Display" ("contactId", created_at);
CREATE INDEX "Display_surveyId_idx" ON "Display" ("surveyId");
CREATE TABLE "Integration" (
    id text NOT NULL,
    type "IntegrationType" NOT NULL,
    config jsonb NOT NULL,
    "workspaceId" text NOT NULL,
    CONSTRAINT "Integration_pkey" PRIMARY KEY (id)
);
CREATE UNIQUE INDEX "Integration_type_workspaceId_key" ON "Integration" (type, "workspaceId");
CREATE INDEX "Integration_workspaceId_idx" ON "Integration" ("workspaceId");
CREATE TABLE "Invite" (
    id text NOT NULL,
    email text NOT NULL,
    name text,
    "organizationId" text NOT NULL,
    "creatorId" text NOT NULL,
    "acceptorId" text,
    "createdAt" timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" timestamp(3) NOT NULL,
    role "OrganizationRole" NOT NULL DEFAULT 'member'::"OrganizationRole",
    "teamIds" text[] DEFAULT ARRAY[]::text[],
    CONSTRAINT "Invite_pkey" PRIMARY KEY (id)
);
CREATE INDEX "Invite_email_organizationId_idx" ON "Invite" (email, "organizationId");
CREATE INDEX "Invite_organizationId_idx" ON "Invite" ("organizationId");
CREATE TABLE "Language" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    code text NOT NULL,
    alias text,
    "workspaceId" text NOT NULL,
    CONSTRAINT "Language_pkey" PRIMARY KEY (id)
);
CREATE UNIQUE INDEX "Language_workspaceId_code_key" ON "Language" ("workspaceId", code);
CREATE TABLE "Membership" (
    "organizationId" text NOT NULL,
    "userId" text NOT NULL,
    accepted boolean NOT NULL DEFAULT false,
    role "OrganizationRole" NOT NULL DEFAULT 'member'::"OrganizationRole",
    CONSTRAINT "Membership_pkey" PRIMARY KEY ("userId", "organizationId")
);
CREATE INDEX "Membership_organizationId_idx" ON "Membership" ("organizationId");
CREATE TABLE "Organization" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    name text NOT NULL,
    whitelabel jsonb NOT NULL DEFAULT '{}'::jsonb,
    "isAISmartToolsEnabled" boolean NOT NULL DEFAULT false,
    "displayTimeZone" text,
    CONSTRAINT "Organization_pkey" PRIMARY KEY (id)
);
CREATE TABLE "OrganizationBilling" (
    organization_id text NOT NULL,
    stripe_customer_id text,
    limits jsonb NOT NULL,
    usage_cycle_anchor timestamp(3),
    stripe jsonb,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    CONSTRAINT "OrganizationBilling_pkey" PRIMARY KEY (organization_id)
);
CREATE UNIQUE INDEX "OrganizationBilling_stripe_customer_id_key" ON "OrganizationBilling" (stripe_customer_id);
CREATE TABLE "Response" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    finished boolean NOT NULL DEFAULT false,
    "surveyId" text NOT NULL,
    "contactId" text,
    data jsonb NOT NULL DEFAULT '{}'::jsonb,
    meta jsonb NOT NULL DEFAULT '{}'::jsonb,
    "contactAttributes" jsonb,
    "singleUseId" text,
    ttc jsonb NOT NULL DEFAULT '{}'::jsonb,
    language text,
    variables jsonb NOT NULL DEFAULT '{}'::jsonb,
    "displayId" text,
    "endingId" text,
    CONSTRAINT "Response_pkey" PRIMARY KEY (id)
);
CREATE INDEX "Response_contactId_created_at_idx" ON "Response" ("contactId", created_at);
CREATE INDEX "Response_created_at_idx" ON "Response" (created_at);
CREATE UNIQUE INDEX "Response_displayId_key" ON "Response" ("displayId");
CREATE INDEX "Response_surveyId_created_at_idx" ON "Response" ("surveyId", created_at);
CREATE INDEX "Response_surveyId_finished_idx" ON "Response" ("surveyId", finished);
CREATE UNIQUE INDEX "Response_surveyId_singleUseId_key" ON "Response" ("surveyId", "singleUseId");
CREATE TABLE "ResponseQuotaLink" (
    "responseId" text NOT NULL,
    "quotaId" text NOT NULL,
    status "ResponseQuotaLinkStatus" NOT NULL,
    CONSTRAINT "ResponseQuotaLink_pkey" PRIMARY KEY ("responseId", "quotaId")
);
CREATE INDEX "ResponseQuotaLink_quotaId_status_idx" ON "ResponseQuotaLink" ("quotaId", status);
CREATE TABLE "Segment" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    title text NOT NULL,
    description text,
    "isPrivate" boolean NOT NULL DEFAULT true,
    filters jsonb NOT NULL DEFAULT '[]'::jsonb,
    "workspaceId" text NOT NULL,
    CONSTRAINT "Segment_pkey" PRIMARY KEY (id)
);
CREATE INDEX "Segment_workspaceId_idx" ON "Segment" ("workspaceId");
CREATE UNIQUE INDEX "Segment_workspaceId_title_key" ON "Segment" ("workspaceId", title);
CREATE TABLE "Session" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    "sessionToken" text NOT NULL,
    "userId" text NOT NULL,
    expires timestamp(3) NOT NULL,
    "ipAddress" text,
    "userAgent" text,
    CONSTRAINT "Session_pkey" PRIMARY KEY (id)
);
CREATE UNIQUE INDEX "Session_sessionToken_key" ON "Session" ("sessionToken");
CREATE INDEX "Session_userId_idx" ON "Session" ("userId");
CREATE TABLE "Survey" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    name text NOT NULL,
    status "SurveyStatus" NOT NULL DEFAULT 'draft'::"SurveyStatus",
    questions jsonb NOT NULL DEFAULT '[]'::jsonb,
    "displayOption" "displayOptions" NOT NULL DEFAULT 'displayOnce'::"displayOptions",
    "recontactDays" integer,
    type "SurveyType" NOT NULL DEFAULT 'app'::"SurveyType",
    "autoClose" integer,
    delay integer NOT NULL DEFAULT 0,
    "autoComplete" integer,
    "redirectUrl" text,
    "surveyClosedMessage" jsonb,
    "singleUse" jsonb DEFAULT '{"enabled": false, "isEncrypted": true}'::jsonb,
    "workspaceOverwrites" jsonb,
    "hiddenFields" jsonb NOT NULL DEFAULT '{"enabled": false}'::jsonb,
    pin text,
    "welcomeCard" jsonb NOT NULL DEFAULT '{"enabled": false}'::jsonb,
    styling jsonb,
    "displayPercentage" numeric(65,30),
    "createdBy" text,
    "segmentId" text,
    "inlineTriggers" jsonb,
    "displayLimit" integer,
    "showLanguageSwitch" boolean,
    "isVerifyEmailEnabled" boolean NOT NULL DEFAULT false,
    endings jsonb[] DEFAULT ARRAY[]::jsonb[],
    variables jsonb NOT NULL DEFAULT '[]'::jsonb,
    "isSingleResponsePerEmailEnabled" boolean NOT NULL DEFAULT false,
    "isBackButtonHidden" boolean NOT NULL DEFAULT false,
    recaptcha jsonb DEFAULT '{"enabled": false, "threshold": 0.1}'::jsonb,
    metadata jsonb NOT NULL DEFAULT '{}'::jsonb,
    blocks jsonb[] DEFAULT ARRAY[]::jsonb[],
    slug text,
    "customHeadScripts" text,
    "customHeadScriptsMode" "SurveyScriptMode" DEFAULT 'add'::"SurveyScriptMode",
    "isCaptureIpEnabled" boolean NOT NULL DEFAULT false,
    "workspaceId" text NOT NULL,
    "isAutoProgressingEnabled" boolean NOT NULL DEFAULT false,
    "publishOn" timestamp(3),
    "closeOn" timestamp(3),
    "archivedAt" timestamp(3),
    CONSTRAINT "Survey_pkey" PRIMARY KEY (id)
);
CREATE INDEX "Survey_archivedAt_idx" ON "Survey" ("archivedAt");
CREATE UNIQUE INDEX "Survey_id_workspaceId_key" ON "Survey" (id, "workspaceId");
CREATE INDEX "Survey_segmentId_idx" ON "Survey" ("segmentId");
CREATE UNIQUE INDEX "Survey_slug_key" ON "Survey" (slug);
CREATE INDEX "Survey_status_closeOn_idx" ON "Survey" (status, "closeOn");
CREATE INDEX "Survey_status_publishOn_idx" ON "Survey" (status, "publishOn");
CREATE INDEX "Survey_workspaceId_updated_at_idx" ON "Survey" ("workspaceId", updated_at);
CREATE TABLE "SurveyFollowUp" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    "surveyId" text NOT NULL,
    name text NOT NULL,
    trigger jsonb NOT NULL,
    action jsonb NOT NULL,
    CONSTRAINT "SurveyFollowUp_pkey" PRIMARY KEY (id)
);
CREATE TABLE "SurveyLanguage" (
    "languageId" text NOT NULL,
    "surveyId" text NOT NULL,
    "default" boolean NOT NULL DEFAULT false,
    enabled boolean NOT NULL DEFAULT true,
    CONSTRAINT "SurveyLanguage_pkey" PRIMARY KEY ("languageId", "surveyId")
);
CREATE INDEX "SurveyLanguage_surveyId_idx" ON "SurveyLanguage" ("surveyId");
CREATE TABLE "SurveyQuota" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    "surveyId" text NOT NULL,
    name text NOT NULL,
    "limit" integer NOT NULL,
    logic jsonb NOT NULL DEFAULT '{}'::jsonb,
    action "SurveyQuotaAction" NOT NULL,
    "endingCardId" text,
    "countPartialSubmissions" boolean NOT NULL DEFAULT false,
    CONSTRAINT "SurveyQuota_pkey" PRIMARY KEY (id)
);
CREATE UNIQUE INDEX "SurveyQuota_surveyId_name_key" ON "SurveyQuota" ("surveyId", name);
CREATE TABLE "SurveyTrigger" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    "surveyId" text NOT NULL,
    "actionClassId" text NOT NULL,
    CONSTRAINT "SurveyTrigger_pkey" PRIMARY KEY (id)
);
CREATE UNIQUE INDEX "SurveyTrigger_surveyId_actionClassId_key" ON "SurveyTrigger" ("surveyId", "actionClassId");
CREATE TABLE "Tag" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    name text NOT NULL,
    "workspaceId" text NOT NULL,
    CONSTRAINT "Tag_pkey" PRIMARY KEY (id)
);
CREATE INDEX "Tag_workspaceId_idx" ON "Tag" ("workspaceId");
CREATE UNIQUE INDEX "Tag_workspaceId_name_key" ON "Tag" ("workspaceId", name);
CREATE TABLE "TagsOnResponses" (
    "responseId" text NOT NULL,
    "tagId" text NOT NULL,
    CONSTRAINT "TagsOnResponses_pkey" PRIMARY KEY ("responseId", "tagId")
);
CREATE TABLE "Team" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    name text NOT NULL,
    "organizationId" text NOT NULL,
    CONSTRAINT "Team_pkey" PRIMARY KEY (id)
);
CREATE UNIQUE INDEX "Team_organizationId_name_key" ON "Team" ("organizationId", name);
CREATE TABLE "TeamUser" (
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    "teamId" text NOT NULL,
    "userId" text NOT NULL,
    role "TeamUserRole" NOT NULL,
    CONSTRAINT "TeamUser_pkey" PRIMARY KEY ("teamId", "userId")
);
CREATE INDEX "TeamUser_userId_idx" ON "TeamUser" ("userId");
CREATE TABLE "User" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    email_verified boolean NOT NULL DEFAULT false,
    password text,
    "identityProvider" "IdentityProvider" NOT NULL DEFAULT 'email'::"IdentityProvider",
    "identityProviderAccountId" text,
    "groupId" text,
    "notificationSettings" jsonb NOT NULL DEFAULT '{}'::jsonb,
    "backupCodes" text,
    "twoFactorEnabled" boolean NOT NULL DEFAULT false,
    "twoFactorSecret" text,
    locale text NOT NULL DEFAULT 'en-US'::text,
    "isActive" boolean NOT NULL DEFAULT true,
    "lastLoginAt" timestamp(3),
    email_verified_at timestamp(3),
    CONSTRAINT "User_pkey" PRIMARY KEY (id)
);
CREATE UNIQUE INDEX "User_email_key" ON "User" (email);
CREATE TABLE "VerificationToken" (
    identifier text NOT NULL,
    token text NOT NULL,
    expires timestamp(3) NOT NULL
);
CREATE UNIQUE INDEX "VerificationToken_identifier_token_key" ON "VerificationToken" (identifier, token);
CREATE TABLE "Webhook" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    url text NOT NULL,
    triggers "PipelineTriggers"[],
    "surveyIds" text[],
    name text,
    source "WebhookSource" NOT NULL DEFAULT 'user'::"WebhookSource",
    secret text,
    "workspaceId" text NOT NULL,
    CONSTRAINT "Webhook_pkey" PRIMARY KEY (id)
);
CREATE INDEX "Webhook_workspaceId_idx" ON "Webhook" ("workspaceId");
CREATE TABLE "Workspace" (
    id text NOT NULL,
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    name text NOT NULL,
    "organizationId" text NOT NULL,
    "recontactDays" integer NOT NULL DEFAULT 7,
    "linkSurveyBranding" boolean NOT NULL DEFAULT true,
    "clickOutsideClose" boolean NOT NULL DEFAULT true,
    placement "WidgetPlacement" NOT NULL DEFAULT 'bottomRight'::"WidgetPlacement",
    "inAppSurveyBranding" boolean NOT NULL DEFAULT true,
    styling jsonb NOT NULL DEFAULT '{"allowStyleOverwrite": true}'::jsonb,
    logo jsonb,
    config jsonb NOT NULL DEFAULT '{}'::jsonb,
    "customHeadScripts" text,
    overlay "SurveyOverlay" NOT NULL DEFAULT 'none'::"SurveyOverlay",
    "appSetupCompleted" boolean NOT NULL DEFAULT false,
    "legacyEnvironmentId" text,
    CONSTRAINT "Workspace_pkey" PRIMARY KEY (id)
);
CREATE UNIQUE INDEX "Workspace_legacyEnvironmentId_key" ON "Workspace" ("legacyEnvironmentId");
CREATE UNIQUE INDEX "Workspace_organizationId_name_key" ON "Workspace" ("organizationId", name);
CREATE TABLE "WorkspaceTeam" (
    created_at timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp(3) NOT NULL,
    "workspaceId" text NOT NULL,
    "teamId" text NOT NULL,
    permission "WorkspaceTeamPermission" NOT NULL DEFAULT 'read'::"WorkspaceTeamPermission",
    CONSTRAINT "WorkspaceTeam_pkey" PRIMARY KEY ("workspaceId", "teamId")
);
CREATE INDEX "WorkspaceTeam_teamId_idx" ON "WorkspaceTeam" ("teamId");

ALTER TABLE "Account" ADD CONSTRAINT "Account_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "ActionClass" ADD CONSTRAINT "ActionClass_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "ApiKey" ADD CONSTRAINT "ApiKey_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "ApiKeyWorkspace" ADD CONSTRAINT "ApiKeyWorkspace_apiKeyId_fkey" FOREIGN KEY ("apiKeyId") REFERENCES "ApiKey"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "ApiKeyWorkspace" ADD CONSTRAINT "ApiKeyWorkspace_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Contact" ADD CONSTRAINT "Contact_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "ContactAttribute" ADD CONSTRAINT "ContactAttribute_attributeKeyId_fkey" FOREIGN KEY ("attributeKeyId") REFERENCES "ContactAttributeKey"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "ContactAttribute" ADD CONSTRAINT "ContactAttribute_contactId_fkey" FOREIGN KEY ("contactId") REFERENCES "Contact"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "ContactAttributeKey" ADD CONSTRAINT "ContactAttributeKey_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Display" ADD CONSTRAINT "Display_contactId_fkey" FOREIGN KEY ("contactId") REFERENCES "Contact"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Display" ADD CONSTRAINT "Display_surveyId_fkey" FOREIGN KEY ("surveyId") REFERENCES "Survey"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Integration" ADD CONSTRAINT "Integration_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Invite" ADD CONSTRAINT "Invite_acceptorId_fkey" FOREIGN KEY ("acceptorId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Invite" ADD CONSTRAINT "Invite_creatorId_fkey" FOREIGN KEY ("creatorId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE RESTRICT;
ALTER TABLE "Invite" ADD CONSTRAINT "Invite_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Language" ADD CONSTRAINT "Language_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Membership" ADD CONSTRAINT "Membership_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "OrganizationBilling" ADD CONSTRAINT "OrganizationBilling_organization_id_fkey" FOREIGN KEY (organization_id) REFERENCES "Organization"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Response" ADD CONSTRAINT "Response_contactId_fkey" FOREIGN KEY ("contactId") REFERENCES "Contact"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Response" ADD CONSTRAINT "Response_displayId_fkey" FOREIGN KEY ("displayId") REFERENCES "Display"(id) ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE "Response" ADD CONSTRAINT "Response_surveyId_fkey" FOREIGN KEY ("surveyId") REFERENCES "Survey"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "ResponseQuotaLink" ADD CONSTRAINT "ResponseQuotaLink_quotaId_fkey" FOREIGN KEY ("quotaId") REFERENCES "SurveyQuota"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "ResponseQuotaLink" ADD CONSTRAINT "ResponseQuotaLink_responseId_fkey" FOREIGN KEY ("responseId") REFERENCES "Response"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Segment" ADD CONSTRAINT "Segment_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Session" ADD CONSTRAINT "Session_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Survey" ADD CONSTRAINT "Survey_createdBy_fkey" FOREIGN KEY ("createdBy") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE "Survey" ADD CONSTRAINT "Survey_segmentId_fkey" FOREIGN KEY ("segmentId") REFERENCES "Segment"(id) ON UPDATE CASCADE ON DELETE SET NULL;
ALTER TABLE "Survey" ADD CONSTRAINT "Survey_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "SurveyFollowUp" ADD CONSTRAINT "SurveyFollowUp_surveyId_fkey" FOREIGN KEY ("surveyId") REFERENCES "Survey"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "SurveyLanguage" ADD CONSTRAINT "SurveyLanguage_languageId_fkey" FOREIGN KEY ("languageId") REFERENCES "Language"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "SurveyLanguage" ADD CONSTRAINT "SurveyLanguage_surveyId_fkey" FOREIGN KEY ("surveyId") REFERENCES "Survey"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "SurveyQuota" ADD CONSTRAINT "SurveyQuota_surveyId_fkey" FOREIGN KEY ("surveyId") REFERENCES "Survey"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "SurveyTrigger" ADD CONSTRAINT "SurveyTrigger_actionClassId_fkey" FOREIGN KEY ("actionClassId") REFERENCES "ActionClass"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "SurveyTrigger" ADD CONSTRAINT "SurveyTrigger_surveyId_fkey" FOREIGN KEY ("surveyId") REFERENCES "Survey"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Tag" ADD CONSTRAINT "Tag_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "TagsOnResponses" ADD CONSTRAINT "TagsOnResponses_responseId_fkey" FOREIGN KEY ("responseId") REFERENCES "Response"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "TagsOnResponses" ADD CONSTRAINT "TagsOnResponses_tagId_fkey" FOREIGN KEY ("tagId") REFERENCES "Tag"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Team" ADD CONSTRAINT "Team_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "TeamUser" ADD CONSTRAINT "TeamUser_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "TeamUser" ADD CONSTRAINT "TeamUser_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Webhook" ADD CONSTRAINT "Webhook_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "Workspace" ADD CONSTRAINT "Workspace_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "WorkspaceTeam" ADD CONSTRAINT "WorkspaceTeam_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"(id) ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE "WorkspaceTeam" ADD CONSTRAINT "WorkspaceTeam_workspaceId_fkey" FOREIGN KEY ("workspaceId") REFERENCES "Workspace"(id) ON UPDATE CASCADE ON DELETE CASCADE;
