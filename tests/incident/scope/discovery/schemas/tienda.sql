-- tienda
CREATE TABLE usuarios (id_usuario INT PRIMARY KEY AUTO_INCREMENT, nombre VARCHAR(80), apellidos VARCHAR(120), correo VARCHAR(150) UNIQUE, contrasena VARCHAR(255), telefono VARCHAR(20), fecha_nacimiento DATE, pais CHAR(2), idioma VARCHAR(5), fecha_registro DATETIME, ultimo_acceso DATETIME, ip_registro VARCHAR(45), token_recuperacion VARCHAR(64));
CREATE TABLE pedidos (id_pedido INT PRIMARY KEY AUTO_INCREMENT, id_usuario INT, total DECIMAL(10,2), fecha DATETIME, direccion VARCHAR(200), ciudad VARCHAR(80), codigo_postal VARCHAR(10));
CREATE TABLE accesos (id INT PRIMARY KEY AUTO_INCREMENT, usuario_id INT, fecha DATETIME, direccion_ip VARCHAR(45));
