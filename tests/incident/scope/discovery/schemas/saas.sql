-- Several companies in one database; camelCase; an `Account` that is a company and not a person.
CREATE TABLE "Account" ("id" TEXT NOT NULL, "name" TEXT NOT NULL, "subdomain" TEXT, "billingEmail" TEXT, "stripeCustomerId" TEXT, "createdAt" TIMESTAMP(3) NOT NULL, CONSTRAINT "Account_pkey" PRIMARY KEY ("id"));
CREATE TABLE "TeamMember" ("id" TEXT NOT NULL, "accountId" TEXT NOT NULL, "emailAddress" TEXT NOT NULL, "hashedPassword" TEXT, "givenName" TEXT, "familyName" TEXT, "uiLanguage" TEXT, "lastActiveAt" TIMESTAMP(3), "createdAt" TIMESTAMP(3) NOT NULL, "deletedAt" TIMESTAMP(3), "totpSecret" TEXT, "recoveryCodes" TEXT[], "isServiceAccount" BOOLEAN NOT NULL DEFAULT false, "passwordChangedAt" TIMESTAMP(3), CONSTRAINT "TeamMember_pkey" PRIMARY KEY ("id"));
CREATE TABLE "ApiKey" ("id" TEXT NOT NULL, "accountId" TEXT NOT NULL, "createdById" TEXT, "hash" TEXT NOT NULL, "prefix" TEXT, CONSTRAINT "ApiKey_pkey" PRIMARY KEY ("id"));
CREATE TABLE "AuditEvent" ("id" TEXT NOT NULL, "teamMemberId" TEXT, "remoteAddr" INET, "occurredAt" TIMESTAMP(3) NOT NULL, "action" TEXT, "details" JSONB, CONSTRAINT "AuditEvent_pkey" PRIMARY KEY ("id"));
CREATE TABLE "Usage" ("id" TEXT NOT NULL, "teamMemberId" TEXT, "promptTokens" INTEGER, "completionTokens" INTEGER, "tokenCount" INTEGER, "model" TEXT, CONSTRAINT "Usage_pkey" PRIMARY KEY ("id"));
CREATE TABLE "WebhookEndpoint" ("id" TEXT NOT NULL, "accountId" TEXT NOT NULL, "url" TEXT NOT NULL, "signingSecret" TEXT NOT NULL, CONSTRAINT "WebhookEndpoint_pkey" PRIMARY KEY ("id"));
CREATE TABLE "Invitation" ("id" TEXT NOT NULL, "accountId" TEXT NOT NULL, "email" TEXT NOT NULL, "code" TEXT NOT NULL, "invitedById" TEXT, CONSTRAINT "Invitation_pkey" PRIMARY KEY ("id"));
ALTER TABLE "TeamMember" ADD CONSTRAINT "TeamMember_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "AuditEvent" ADD CONSTRAINT "AuditEvent_fkey" FOREIGN KEY ("teamMemberId") REFERENCES "TeamMember"("id");
CREATE UNIQUE INDEX "TeamMember_emailAddress_key" ON "TeamMember"("emailAddress");
