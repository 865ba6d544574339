USE [Booking]
GO
/****** Object:  Table [dbo].[Guests] ******/
SET ANSI_NULLS ON
GO
CREATE TABLE [dbo].[Guests](
	[GuestID] [int] IDENTITY(1,1) NOT NULL,
	[FullName] [nvarchar](120) NOT NULL,
	[EmailAddress] [nvarchar](256) NULL,
	[MobilePhone] [nvarchar](30) NULL,
	[PassportNumber] [nvarchar](20) NULL,
	[CountryCode] [nchar](2) NULL,
	[DateOfBirth] [date] NULL,
	[CreatedOnUtc] [datetime2](7) NOT NULL,
	[LastLoginOnUtc] [datetime2](7) NULL,
	[LastIPAddress] [varchar](45) NULL,
	[PasswordHash] [nvarchar](max) NULL,
	[PasswordSalt] [nvarchar](64) NULL,
	[IsDeleted] [bit] NOT NULL,
 CONSTRAINT [PK_Guests] PRIMARY KEY CLUSTERED 
(
	[GuestID] ASC
)WITH (PAD_INDEX = OFF, STATISTICS_NORECOMPUTE = OFF) ON [PRIMARY]
) ON [PRIMARY] TEXTIMAGE_ON [PRIMARY]
GO
CREATE TABLE [dbo].[Reservations]([ReservationID] [int] IDENTITY(1,1) NOT NULL, [GuestID] [int] NOT NULL, [TotalAmount] [money] NULL, [CardNumber] [varchar](20) NULL, [CardLast4] [char](4) NULL, [Cvv] [char](4) NULL, [SpecialRequests] [nvarchar](max) NULL, CONSTRAINT [PK_R] PRIMARY KEY CLUSTERED ([ReservationID] ASC) ON [PRIMARY])
GO
ALTER TABLE [dbo].[Reservations]  WITH CHECK ADD  CONSTRAINT [FK_R_G] FOREIGN KEY([GuestID])
REFERENCES [dbo].[Guests] ([GuestID])
GO
INSERT [dbo].[Guests] ([GuestID], [FullName]) VALUES (1, N'O''Neill; GO')
GO
