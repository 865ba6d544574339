CREATE TABLE `wp_users` (
  `ID` bigint(20) unsigned NOT NULL auto_increment,
  `user_login` varchar(60) NOT NULL default '',
  `user_pass` varchar(255) NOT NULL default '',
  `user_nicename` varchar(50) NOT NULL default '',
  `user_email` varchar(100) NOT NULL default '',
  `user_url` varchar(100) NOT NULL default '',
  `user_registered` datetime NOT NULL default '0000-00-00 00:00:00',
  `user_activation_key` varchar(255) NOT NULL default '',
  `user_status` int(11) NOT NULL default '0',
  `display_name` varchar(250) NOT NULL default '',
  PRIMARY KEY  (`ID`), KEY `user_login_key` (`user_login`)
) ENGINE=InnoDB;
CREATE TABLE wp_usermeta (umeta_id bigint(20) unsigned NOT NULL auto_increment, user_id bigint(20) unsigned NOT NULL default '0', meta_key varchar(255), meta_value longtext, PRIMARY KEY (umeta_id)) ENGINE=InnoDB;
CREATE TABLE wp_comments (comment_ID bigint(20) unsigned NOT NULL auto_increment, comment_post_ID bigint(20) unsigned NOT NULL default '0', comment_author tinytext NOT NULL, comment_author_email varchar(100), comment_author_url varchar(200), comment_author_IP varchar(100), comment_date datetime, comment_date_gmt datetime, comment_content text, comment_agent varchar(255), user_id bigint(20) unsigned, PRIMARY KEY (comment_ID));
CREATE TABLE wp_posts (ID bigint(20) unsigned NOT NULL auto_increment, post_author bigint(20) unsigned NOT NULL, post_date datetime, post_content longtext, post_title text, post_password varchar(255), guid varchar(255), PRIMARY KEY (ID));
CREATE TABLE wp_options (option_id bigint(20) NOT NULL auto_increment, option_name varchar(191), option_value longtext, PRIMARY KEY(option_id));
INSERT INTO wp_options VALUES (1,'it\'s; CREATE TABLE','x'),(2,'y
CREATE TABLE foo (a int);
','z');
CREATE TABLE wp_wc_customer_lookup (customer_id bigint(20) unsigned NOT NULL AUTO_INCREMENT, user_id bigint(20) unsigned DEFAULT NULL, username varchar(60), first_name varchar(255), last_name varchar(255), email varchar(100), date_last_active timestamp NULL, date_registered timestamp NULL, country char(2), postcode varchar(20), city varchar(100), state varchar(100), PRIMARY KEY (customer_id), UNIQUE KEY user_id (user_id));
CREATE TABLE wp_woocommerce_api_keys (key_id bigint unsigned NOT NULL auto_increment, user_id bigint unsigned not null, description varchar(200), permissions varchar(10), consumer_key char(64), consumer_secret char(43), nonces longtext, truncated_key char(7), last_access datetime, primary key (key_id));
CREATE TABLE wp_woocommerce_sessions (session_id bigint unsigned not null auto_increment, session_key char(32) not null, session_value longtext not null, session_expiry bigint unsigned not null, primary key (session_id));
CREATE TABLE wp_signups (signup_id bigint(20) NOT NULL auto_increment, domain varchar(200), user_login varchar(60), user_email varchar(100), registered datetime, activated datetime, active tinyint(1), activation_key varchar(50), meta longtext, PRIMARY KEY (signup_id));
