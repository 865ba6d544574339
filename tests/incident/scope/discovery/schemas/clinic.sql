-- A person split over several tables; contact points as rows; no foreign keys; a partition and a copy.
CREATE TABLE tbl_patient_master (patient_id int(11) NOT NULL AUTO_INCREMENT, given_name varchar(50), family_name varchar(50), sex char(1), dob date, national_id varchar(20), insurance_number varchar(30), reg_date datetime, PRIMARY KEY (patient_id)) ENGINE=MyISAM;
CREATE TABLE tbl_patient_email (email_id int(11) NOT NULL AUTO_INCREMENT, patient_id int(11), email_addr varchar(120), PRIMARY KEY (email_id)) ENGINE=MyISAM;
CREATE TABLE tbl_patient_address (address_id int(11) NOT NULL AUTO_INCREMENT, patient_id int(11), street varchar(80), city varchar(60), zip varchar(10), country_code char(2), PRIMARY KEY (address_id)) ENGINE=MyISAM;
CREATE TABLE tbl_encounter (encounter_id int(11) NOT NULL AUTO_INCREMENT, patient_id int(11), doctor_id int(11), diagnosis text, enc_date datetime, PRIMARY KEY (encounter_id)) ENGINE=MyISAM;
CREATE TABLE tbl_staff (staff_id int(11) NOT NULL AUTO_INCREMENT, login varchar(30), passwd char(32), full_name varchar(80), email varchar(80), last_logon datetime, PRIMARY KEY (staff_id)) ENGINE=MyISAM;
CREATE TABLE tbl_access_log (log_id int(11) NOT NULL AUTO_INCREMENT, staff_id int(11), patient_id int(11), log_time int(11), ip varbinary(16), action varchar(20), PRIMARY KEY (log_id)) ENGINE=MyISAM;
CREATE TABLE tbl_patient_history (id int(11) NOT NULL AUTO_INCREMENT, patient_id int(11), given_name varchar(50), family_name varchar(50), dob date, changed_at datetime, PRIMARY KEY (id)) ENGINE=MyISAM;
CREATE TABLE tbl_settings (name varchar(50) NOT NULL, value text, PRIMARY KEY (name)) ENGINE=MyISAM;
