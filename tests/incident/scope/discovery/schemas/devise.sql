-- A Rails application with every module of Devise, a polymorphic table and a copy of old versions.
CREATE TABLE public.users (id bigint NOT NULL, email character varying DEFAULT '' NOT NULL, encrypted_password character varying DEFAULT '' NOT NULL, reset_password_token character varying, reset_password_sent_at timestamp(6) without time zone, remember_created_at timestamp(6) without time zone, sign_in_count integer DEFAULT 0 NOT NULL, current_sign_in_at timestamp(6) without time zone, last_sign_in_at timestamp(6) without time zone, current_sign_in_ip inet, last_sign_in_ip inet, confirmation_token character varying, confirmed_at timestamp(6) without time zone, confirmation_sent_at timestamp(6) without time zone, unconfirmed_email character varying, failed_attempts integer DEFAULT 0 NOT NULL, unlock_token character varying, locked_at timestamp(6) without time zone, first_name character varying, last_name character varying, discarded_at timestamp(6) without time zone, created_at timestamp(6) without time zone NOT NULL, updated_at timestamp(6) without time zone NOT NULL);
CREATE TABLE public.admins (id bigint NOT NULL, email character varying NOT NULL, encrypted_password character varying NOT NULL, created_at timestamp NOT NULL);
CREATE TABLE public.addresses (id bigint NOT NULL, addressable_type character varying, addressable_id bigint, street character varying, city character varying, postal_code character varying, country_code character varying(2));
CREATE TABLE public.identities (id bigint NOT NULL, user_id bigint, provider character varying, uid character varying, access_token character varying, refresh_token character varying);
CREATE TABLE public.versions (id bigint NOT NULL, item_type character varying NOT NULL, item_id bigint NOT NULL, event character varying NOT NULL, whodunnit character varying, object text, created_at timestamp);
CREATE TABLE public.user_versions (id bigint NOT NULL, user_id bigint, email character varying, encrypted_password character varying, first_name character varying, created_at timestamp);
CREATE TABLE public.oauth_access_tokens (id bigint NOT NULL, resource_owner_id bigint, token character varying NOT NULL, token_type character varying, expires_in integer, created_at timestamp);
CREATE TABLE public.invoices (id bigint NOT NULL, user_id bigint, number character varying, total numeric, currency character varying(3));
CREATE TABLE public.invoice_lines (id bigint NOT NULL, invoice_id bigint, description character varying, amount numeric);
ALTER TABLE ONLY public.users ADD CONSTRAINT users_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.admins ADD CONSTRAINT admins_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.invoices ADD CONSTRAINT invoices_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.addresses ADD CONSTRAINT addresses_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX index_users_on_email ON public.users USING btree (email);
ALTER TABLE ONLY public.identities ADD CONSTRAINT fk_rails_1 FOREIGN KEY (user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.invoices ADD CONSTRAINT fk_rails_2 FOREIGN KEY (user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.invoice_lines ADD CONSTRAINT fk_rails_3 FOREIGN KEY (invoice_id) REFERENCES public.invoices(id);
